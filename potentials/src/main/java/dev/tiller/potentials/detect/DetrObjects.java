// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.nn.detr.DetrModel;
import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.ObjectNames;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The objects that DETR sees in a picture, in GenEval's names. */
public final class DetrObjects implements ObjectFinder {
    /** What published checkpoints call numbers of COCO that no class has. */
    private static final String NO_CLASS = "N/A";

    private final DetrModel model;
    private final DetrImageProcessor processor;

    private DetrObjects(DetrModel model, DetrImageProcessor processor) {
        this.model = model;
        this.processor = processor;
    }

    /**
     * Loads a folder with {@code config.json}, {@code preprocessor_config.json} and weights.
     *
     * @throws dev.tiller.run.TillerException if a file is missing, or asks for what is not supported
     */
    public static DetrObjects load(Path folder, Device device) {
        var processor = DetrImageProcessor.in(folder);
        return new DetrObjects(DetrModel.load(folder, device), processor);
    }

    @Override
    public List<String> classes() {
        return model.names().stream()
                .filter(name -> !name.equals(NO_CLASS))
                .map(ObjectNames::ofCoco)
                .distinct()
                .toList();
    }

    /**
     * What each query sees, however unsure (post_process_object_detection with a threshold of 0): its likeliest class, that
     * class's probability beside all classes and no object, and its box in pixels, which may reach over the picture's edge. The
     * colours are not known.
     */
    @Override
    public List<FoundObject> find(RgbImage picture) {
        double[] logits;
        double[] boxes;
        try (var scope = Scope.open()) {
            var answer = model.forward(scope.adopt(processor.pixels(picture)));
            logits = answer.logits().toDoubles();
            boxes = answer.boxes().toDoubles();
        }
        var found = new ArrayList<FoundObject>();
        int width = model.names().size() + 1;
        for (int q = 0; q < boxes.length / 4; q++) {
            int best = best(logits, q * width, width - 1);
            var name = model.names().get(best);
            if (!name.equals(NO_CLASS)) {
                double score = probability(logits, q * width, width, best);
                var detection = new Detection(ObjectNames.ofCoco(name), score, box(boxes, q * 4, picture), null);
                found.add(new FoundObject(detection, null));
            }
        }
        return found;
    }

    private static int best(double[] logits, int start, int count) {
        int best = 0;
        for (int k = 1; k < count; k++) {
            best = logits[start + k] > logits[start + best] ? k : best;
        }
        return best;
    }

    private static double probability(double[] logits, int start, int count, int of) {
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += Math.exp(logits[start + k] - logits[start + of]);
        }
        return 1 / sum;
    }

    private static Box box(double[] boxes, int at, RgbImage picture) {
        double x = boxes[at] * picture.width();
        double y = boxes[at + 1] * picture.height();
        double w = boxes[at + 2] * picture.width();
        double h = boxes[at + 3] * picture.height();
        return new Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2);
    }

    @Override
    public void close() {
        model.close();
    }
}
