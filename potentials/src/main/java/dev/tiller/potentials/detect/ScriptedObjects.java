// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.ObjectNames;
import dev.tiller.potentials.pixels.ResizeFilter.Kernel;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.ScriptFile;
import dev.tiller.tensor.ScriptFile.Output;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The objects that anybody's detector sees, exported as TorchScript. Its {@code forward} takes a picture, float32 1×3×H×W with red,
 * green and blue, and answers with tensors, a tuple of them in this order, or a dictionary (or a list of one) with these keys:
 *
 * <pre>
 * boxes    n×4, float: left, top, right, bottom in pixels of its input
 * scores   n, float: confidences from 0 to 1
 * labels   n, int64: which line of the file of labels, from 0
 * masks    n×H×W or n×1×H×W, bool or float: where it is the object's, true or above a half; only if it is said to give masks
 * </pre>
 *
 * Other keys of a dictionary are passed over. In the file of labels a line is a class; {@code N/A} and {@code __background__} are
 * none.
 */
public final class ScriptedObjects implements ObjectFinder {
    private static final Set<String> NO_CLASS = Set.of("N/A", "__background__");
    private static final String MASKS = "masks";

    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    /** What numbers the pixels become. */
    public enum Pixels {
        /** From 0 to 1. */
        UNIT,
        /** From -1 to 1. */
        SIGNED,
        /** From 0 to 1, less the mean and divided by the deviation of ImageNet's channels. */
        IMAGENET;

        double of(double value, int channel) {
            return switch (this) {
                case UNIT -> value;
                case SIGNED -> 2 * value - 1;
                case IMAGENET -> (value - MEAN[channel]) / DEVIATION[channel];
            };
        }
    }

    private final Path file;
    private final ScriptFile script;
    private final List<String> labels;
    private final int size;
    private final Pixels pixels;
    /** What its answer has, in order. */
    private final List<String> wanted;

    private ScriptedObjects(Path file, ScriptFile script, List<String> labels, int size, Pixels pixels, boolean masks) {
        this.file = file;
        this.script = script;
        this.labels = labels;
        this.size = size;
        this.pixels = pixels;
        this.wanted = masks ? List.of("boxes", "scores", "labels", MASKS) : List.of("boxes", "scores", "labels");
    }

    /**
     * Loads one.
     *
     * @param file TorchScript
     * @param labels a text file
     * @param size both edges of what it reads, to which pictures are resized (bilinear, in 8 bits, equal to PIL); 0 for pictures as
     *     they are
     * @param masks whether it gives masks
     * @throws TillerException if a file cannot be read, or is something else
     */
    public static ScriptedObjects load(Path file, Path labels, int size, Pixels pixels, boolean masks, Device device) {
        var names = names(labels);
        return new ScriptedObjects(file, ScriptFile.load(file, device), names, size, pixels, masks);
    }

    private static List<String> names(Path labels) {
        try {
            var names = Files.readAllLines(labels).stream().map(String::strip).toList();
            int end = names.size();
            while (end > 0 && names.get(end - 1).isEmpty()) {
                end--;
            }
            if (end == 0 || names.subList(0, end).contains("")) {
                throw new TillerException(
                        "The labels " + labels + " should have a class in each line; N/A where there is none.");
            }
            return names.subList(0, end);
        } catch (IOException e) {
            throw Disk.problem("read the labels", labels, e);
        }
    }

    @Override
    public List<String> classes() {
        return labels.stream()
                .filter(name -> !NO_CLASS.contains(name))
                .map(ObjectNames::ofCoco)
                .distinct()
                .toList();
    }

    /** @throws TillerException if it fails, or its answer is not as it should be */
    @Override
    public List<FoundObject> find(RgbImage picture) {
        var seen = size == 0 ? picture : picture.resized(size, size, Kernel.BILINEAR);
        try (var scope = Scope.open()) {
            var parts = parts(script.forward(scope.adopt(input(seen))), seen);
            double[] boxes = part(parts, "boxes").toDoubles();
            double[] scores = part(parts, "scores").toDoubles();
            long[] classes = part(parts, "labels").toLongs();
            var found = new ArrayList<FoundObject>();
            for (int i = 0; i < scores.length; i++) {
                require(scores[i] >= 0 && scores[i] <= 1, "has a score of " + scores[i] + "; scores are from 0 to 1");
                require(
                        classes[i] >= 0 && classes[i] < labels.size(),
                        "has the label " + classes[i] + ", and there are " + labels.size() + " classes, from 0");
                require(
                        Arrays.stream(boxes, 4 * i, 4 * i + 4).allMatch(Double::isFinite),
                        "has a box that is not finite");
                var name = labels.get((int) classes[i]);
                if (!NO_CLASS.contains(name)) {
                    var detection =
                            new Detection(ObjectNames.ofCoco(name), scores[i], box(boxes, 4 * i, seen, picture), null);
                    found.add(new FoundObject(
                            detection,
                            wanted.contains(MASKS) ? mask(part(parts, MASKS).rows(i, i + 1), seen, picture) : null));
                }
            }
            return found;
        }
    }

    private Tensor input(RgbImage image) {
        var rgb = image.rgb();
        int plane = rgb.length / 3;
        var values = new float[rgb.length];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                values[c * plane + i] = (float) pixels.of((rgb[3 * i + c] & 0xff) / 255.0, c);
            }
        }
        return Tensor.of(values, 1, 3, image.height(), image.width());
    }

    private Map<String, Tensor> parts(List<Output> outputs, RgbImage seen) {
        Map<String, Tensor> parts = new HashMap<>();
        var all = String.join(", ", wanted.subList(0, wanted.size() - 1)) + " and " + wanted.get(wanted.size() - 1);
        if (outputs.size() == wanted.size() && outputs.stream().allMatch(o -> o.name() == null)) {
            for (int i = 0; i < wanted.size(); i++) {
                parts.put(wanted.get(i), outputs.get(i).tensor());
            }
        } else {
            for (var output : outputs) {
                require(
                        output.name() != null && parts.put(output.name(), output.tensor()) == null,
                        "should be the tensors " + all + ", in a tuple or in a dictionary");
            }
        }
        require(parts.keySet().containsAll(wanted), "lacks one of " + all);
        var scores = part(parts, "scores");
        long n = scores.shape().length == 1 ? scores.shape()[0] : -1;
        require(n >= 0 && scores.dtype().isFloating(), "should have n scores in floats");
        var boxes = part(parts, "boxes");
        require(
                Arrays.equals(boxes.shape(), new long[] {n, 4}) && boxes.dtype().isFloating(),
                "should have " + n + "×4 boxes in floats, as many as scores");
        var labelled = part(parts, "labels");
        require(
                Arrays.equals(labelled.shape(), new long[] {n}) && labelled.dtype() == DType.INT64,
                "should have " + n + " labels in int64, as many as scores");
        if (wanted.contains(MASKS)) {
            var masks = part(parts, MASKS);
            long[] shape = masks.shape();
            long[] one = {seen.height(), seen.width()};
            require(
                    (Arrays.equals(shape, new long[] {n, one[0], one[1]})
                                    || Arrays.equals(shape, new long[] {n, 1, one[0], one[1]}))
                            && (masks.dtype() == DType.BOOL || masks.dtype().isFloating()),
                    "should have " + n + "×" + one[0] + "×" + one[1]
                            + " masks in bool or float, as large as its input");
        }
        return parts;
    }

    /** In the picture's pixels, each as the nearest one that was seen. */
    private static boolean[] mask(Tensor values, RgbImage seen, RgbImage picture) {
        double[] inside = values.toDoubles();
        var mask = new boolean[picture.width() * picture.height()];
        for (int y = 0; y < picture.height(); y++) {
            int row = (2 * y + 1) * seen.height() / (2 * picture.height()) * seen.width();
            for (int x = 0; x < picture.width(); x++) {
                mask[y * picture.width() + x] = inside[row + (2 * x + 1) * seen.width() / (2 * picture.width())] > 0.5;
            }
        }
        return mask;
    }

    private static Tensor part(Map<String, Tensor> parts, String name) {
        var part = parts.get(name);
        if (part == null) {
            throw new IllegalArgumentException(name);
        }
        return part;
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new TillerException("The answer of the detector " + file + " " + otherwise + ".");
        }
    }

    private static Box box(double[] boxes, int at, RgbImage seen, RgbImage picture) {
        double x = (double) picture.width() / seen.width();
        double y = (double) picture.height() / seen.height();
        return new Box(boxes[at] * x, boxes[at + 1] * y, boxes[at + 2] * x, boxes[at + 3] * y);
    }

    @Override
    public void close() {
        script.close();
    }
}
