// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.viewer.Pictures;
import java.io.ByteArrayInputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javafx.scene.image.Image;

/**
 * Decoded pictures by their SHA-256, the most lately used ones. Decoding is rationed: a frame that needs more than its
 * share gets the rest in the next frames.
 */
final class Thumbnails {
    /** About 64 MB of 64×64 pictures; larger ones are kept in smaller number. */
    private static final long MOST_PIXELS = 16L << 20;

    private static final long NANOS_A_FRAME = 8_000_000;

    private final LinkedHashMap<String, Image> decoded = new LinkedHashMap<>(256, 0.75f, true);
    private long pixels;
    private long spent;
    private boolean wanting;

    /** To be called when a frame begins. */
    void begin() {
        spent = 0;
        wanting = false;
    }

    /** Whether something was left out since {@link #begin}, so that another frame is worth drawing. */
    boolean wanting() {
        return wanting;
    }

    /** The picture, if it is decoded or there is time left to decode it; empty too if it is missing or no picture. */
    Optional<Image> find(Pictures pictures, String sha256) {
        var known = decoded.get(sha256);
        if (known != null) {
            return Optional.of(known).filter(i -> !i.isError());
        }
        if (spent > NANOS_A_FRAME) {
            wanting = true;
            return Optional.empty();
        }
        long begin = System.nanoTime();
        var image = pictures.find(sha256).map(png -> new Image(new ByteArrayInputStream(png)));
        spent += System.nanoTime() - begin;
        image.ifPresent(i -> keep(sha256, i));
        return image.filter(i -> !i.isError());
    }

    private void keep(String sha256, Image image) {
        decoded.put(sha256, image);
        pixels += size(image);
        var oldest = decoded.entrySet().iterator();
        while (pixels > MOST_PIXELS && decoded.size() > 1) {
            Map.Entry<String, Image> entry = oldest.next();
            pixels -= size(entry.getValue());
            oldest.remove();
        }
    }

    private static long size(Image image) {
        return (long) (image.getWidth() * image.getHeight());
    }
}
