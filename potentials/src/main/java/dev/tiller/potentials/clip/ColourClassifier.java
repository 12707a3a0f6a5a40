// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What colour an object in a picture is, as GenEval tells it (Ghosh et al. 2023, arXiv:2310.11513): ten colours, each the
 * normalised mean of three texts' unit vectors; that which is nearest to the picture of the object's box, as CLIP sees it, is the
 * object's. GenEval's own CLIP is OpenAI's ViT-L/14.
 */
public final class ColourClassifier implements AutoCloseable {
    /** In the order in which the first of equally near ones is taken. */
    public static final List<String> COLOURS =
            List.of("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white");

    /** What the pixels outside of an object's mask become: #999. */
    private static final byte OUTSIDE = (byte) 0x99;

    private final Tower tower;
    private final Map<String, double[][]> classes = new HashMap<>();

    private ColourClassifier(Tower tower) {
        this.tower = tower;
    }

    /**
     * By the CLIP model of a folder, or a file in open_clip's layout.
     *
     * @throws dev.tiller.run.TillerException if a file is missing or asks for what is not supported
     */
    public static ColourClassifier open(Path source, Device device) {
        return new ColourClassifier(Tower.open(source, device, Tower.Look.PUBLISHED));
    }

    /** The three texts of a class in a colour. */
    static List<String> texts(String colour, String type) {
        return List.of(
                "a photo of a " + colour + " " + type,
                "a photo of a " + colour + "-colored " + type,
                "a photo of a " + colour + " object");
    }

    /**
     * The colour of an object.
     *
     * @param type its class, as in the texts
     * @param box in pixels; its edges are rounded, halves to the even neighbour, and what is outside of the picture is left out
     * @param mask for each pixel of the picture, row by row, whether it is the object's; null if nobody knows, then the whole box
     *     counts
     */
    public synchronized String colour(RgbImage picture, String type, Box box, boolean @Nullable [] mask) {
        var crop = crop(mask == null ? picture : masked(picture, mask), box);
        try (var images = Images.of(new byte[][] {crop.rgb()}, crop.width(), crop.height())) {
            var place = tower.pictures(images)[0];
            var directions = classes.computeIfAbsent(type, this::directions);
            int best = 0;
            for (int k = 1; k < directions.length; k++) {
                best = dot(place, directions[k]) > dot(place, directions[best]) ? k : best;
            }
            return COLOURS.get(best);
        }
    }

    private double[][] directions(String type) {
        return COLOURS.stream().map(colour -> direction(texts(colour, type))).toArray(double[][]::new);
    }

    private double[] direction(List<String> texts) {
        var sum = new double[tower.dimensions()];
        for (var text : texts) {
            var place = tower.text(text, warning -> {});
            for (int i = 0; i < sum.length; i++) {
                sum[i] += place[i];
            }
        }
        double norm = Math.sqrt(dot(sum, sum));
        return Arrays.stream(sum).map(v -> v / norm).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static RgbImage masked(RgbImage picture, boolean[] mask) {
        var rgb = picture.rgb().clone();
        if (mask.length * 3 != rgb.length) {
            throw new IllegalArgumentException(mask.length + " pixels of a mask for " + rgb.length / 3);
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = mask[i / 3] ? rgb[i] : OUTSIDE;
        }
        return new RgbImage(rgb, picture.width(), picture.height());
    }

    /** At least a pixel. */
    static RgbImage crop(RgbImage picture, Box box) {
        int left = clamp(Math.rint(Math.min(box.left(), box.right())), 0, picture.width() - 1);
        int top = clamp(Math.rint(Math.min(box.top(), box.bottom())), 0, picture.height() - 1);
        int right = clamp(Math.rint(Math.max(box.left(), box.right())), left + 1, picture.width());
        int bottom = clamp(Math.rint(Math.max(box.top(), box.bottom())), top + 1, picture.height());
        return picture.cropped(left, top, right - left, bottom - top);
    }

    private static int clamp(double value, int lo, int hi) {
        return (int) Math.max(lo, Math.min(hi, value));
    }

    @Override
    public void close() {
        tower.close();
    }
}
