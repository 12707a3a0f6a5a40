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
 * green and blue, and answers with three tensors, a tuple of them in this order, or a dictionary (or a list of one) with these keys:
 *
 * <pre>
 * boxes    n×4, float: left, top, right, bottom in pixels of its input
 * scores   n, float: confidences from 0 to 1
 * labels   n, int64: which line of the file of labels, from 0
 * </pre>
 *
 * Other keys of a dictionary are passed over. In the file of labels a line is a class; {@code N/A} and {@code __background__} are
 * none.
 */
public final class ScriptedObjects implements ObjectFinder {
    private static final Set<String> NO_CLASS = Set.of("N/A", "__background__");
    private static final List<String> PARTS = List.of("boxes", "scores", "labels");

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

    private ScriptedObjects(Path file, ScriptFile script, List<String> labels, int size, Pixels pixels) {
        this.file = file;
        this.script = script;
        this.labels = labels;
        this.size = size;
        this.pixels = pixels;
    }

    /**
     * Loads one.
     *
     * @param file TorchScript
     * @param labels a text file
     * @param size both edges of what it reads, to which pictures are resized (bilinear, in 8 bits, equal to PIL); 0 for pictures as
     *     they are
     * @throws TillerException if a file cannot be read, or is something else
     */
    public static ScriptedObjects load(Path file, Path labels, int size, Pixels pixels, Device device) {
        var names = names(labels);
        return new ScriptedObjects(file, ScriptFile.load(file, device), names, size, pixels);
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
    public List<Detection> find(RgbImage picture) {
        var seen = size == 0 ? picture : picture.resized(size, size, Kernel.BILINEAR);
        try (var scope = Scope.open()) {
            var parts = parts(script.forward(scope.adopt(input(seen))));
            double[] boxes = part(parts, "boxes").toDoubles();
            double[] scores = part(parts, "scores").toDoubles();
            long[] classes = part(parts, "labels").toLongs();
            var found = new ArrayList<Detection>();
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
                    found.add(
                            new Detection(ObjectNames.ofCoco(name), scores[i], box(boxes, 4 * i, seen, picture), null));
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

    private Map<String, Tensor> parts(List<Output> outputs) {
        Map<String, Tensor> parts = new HashMap<>();
        if (outputs.size() == PARTS.size() && outputs.stream().allMatch(o -> o.name() == null)) {
            for (int i = 0; i < PARTS.size(); i++) {
                parts.put(PARTS.get(i), outputs.get(i).tensor());
            }
        } else {
            for (var output : outputs) {
                require(
                        output.name() != null && parts.put(output.name(), output.tensor()) == null,
                        "should be the tensors boxes, scores and labels, in a tuple or in a dictionary");
            }
        }
        require(parts.keySet().containsAll(PARTS), "lacks one of boxes, scores and labels");
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
        return parts;
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
