// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.TillerException;
import dev.tiller.viewer.Pictures;
import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javafx.scene.image.Image;

/**
 * Decoded pictures by their SHA-256, the most lately used ones. They are read and decoded beside the window's thread, those that
 * were asked for last first, for what was asked before may be out of sight by then. Used on the JavaFX thread only.
 */
final class Thumbnails {
    /** About 64 MB of 64×64 pictures; larger ones are kept in smaller number. */
    private static final long MOST_PIXELS = 16L << 20;

    /** What is asked for beyond that has been out of sight for long; it is asked for again if it is not. */
    private static final int MOST_ASKED = 2048;

    private static final ExecutorService READER = Executors.newSingleThreadExecutor(work -> {
        var thread = new Thread(work, "thumbnails");
        thread.setDaemon(true);
        return thread;
    });

    private record Asked(Pictures pictures, String sha256) {}

    private record Read(String sha256, Optional<Image> image) {}

    private final LinkedHashMap<String, Optional<Image>> decoded = new LinkedHashMap<>(256, 0.75f, true);
    private final Set<String> pending = new HashSet<>();
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final Queue<Read> read = new ConcurrentLinkedQueue<>();
    private long pixels;
    private long arrivals;
    private boolean wanting;

    /** To be called when a frame begins. */
    void begin() {
        wanting = false;
        arrivals();
    }

    /** Whether something was asked for since {@link #begin} that is not there yet. */
    boolean wanting() {
        return wanting;
    }

    /** How many pictures have come so far; where it has grown, another frame is worth drawing. */
    long arrivals() {
        for (var next = read.poll(); next != null; next = read.poll()) {
            pending.remove(next.sha256());
            keep(next.sha256(), next.image());
            arrivals++;
        }
        return arrivals;
    }

    /** Whether something that was asked for has not come yet. */
    boolean busy() {
        arrivals();
        return !pending.isEmpty();
    }

    /** The picture, if it is there already, else it is asked for; empty too if it is missing or no picture. */
    Optional<Image> find(Pictures pictures, String sha256) {
        var known = decoded.get(sha256);
        if (known != null) {
            return known;
        }
        wanting = true;
        if (pending.add(sha256)) {
            synchronized (asked) {
                asked.push(new Asked(pictures, sha256));
                if (asked.size() > MOST_ASKED) {
                    pending.remove(asked.removeLast().sha256());
                }
            }
            READER.execute(this::readOne);
        }
        return Optional.empty();
    }

    private void readOne() {
        Asked next;
        synchronized (asked) {
            next = asked.poll();
        }
        if (next != null) {
            read.add(new Read(next.sha256(), image(next)));
        }
    }

    /** Empty too where the folder of the run is gone, or is not to be read any more: nobody waits for the picture then. */
    private static Optional<Image> image(Asked of) {
        try {
            return of.pictures()
                    .find(of.sha256())
                    .map(png -> new Image(new ByteArrayInputStream(png)))
                    .filter(image -> !image.isError());
        } catch (TillerException e) {
            return Optional.empty();
        }
    }

    private void keep(String sha256, Optional<Image> image) {
        decoded.put(sha256, image);
        pixels += size(image);
        var oldest = decoded.entrySet().iterator();
        while (pixels > MOST_PIXELS && decoded.size() > 1) {
            Map.Entry<String, Optional<Image>> entry = oldest.next();
            pixels -= size(entry.getValue());
            oldest.remove();
        }
    }

    private static long size(Optional<Image> image) {
        return image.map(i -> (long) (i.getWidth() * i.getHeight())).orElse(0L);
    }
}
