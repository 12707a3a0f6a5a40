// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.ObjectNames;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a picture's bytes to boxes, against transformers' processor on PIL. */
class DetrObjectsTest {
    private static final Path GOLDEN = Path.of("..", "steering-core", "src", "test", "resources", "golden", "models");
    private static final List<String> NAMES = List.of("N/A", "person", "computer mouse", "N/A", "tv remote", "dog");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    private static RgbImage picture(Golden golden) {
        var values = golden.longs("in.picture");
        var rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i];
        }
        return new RgbImage(rgb, (int) golden.shape("in.picture")[1], (int) golden.shape("in.picture")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"detr_resnet", "detr_basic", "detr_timm"})
    void pixelsAreThoseOfPil(String name) {
        var golden = Golden.read(GOLDEN.resolve(name));
        try (var pixels = DetrImageProcessor.in(golden.directory()).pixels(picture(golden))) {
            assertArrayEquals(golden.shape("in.pixel_values"), pixels.shape());
            assertArrayEquals(golden.floats("in.pixel_values"), pixels.toFloats(), 1e-6f);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"detr_resnet", "detr_basic", "detr_timm"})
    void objectsAreThoseOfTransformers(String name) {
        var golden = Golden.read(GOLDEN.resolve(name));
        var scores = golden.doubles("found.scores");
        var labels = golden.longs("found.labels");
        var boxes = golden.doubles("found.boxes");
        var expected = new ArrayList<Integer>();
        for (int q = 0; q < scores.length; q++) {
            if (!NAMES.get((int) labels[q]).equals("N/A")) {
                expected.add(q);
            }
        }
        List<Detection> found;
        try (var objects = DetrObjects.load(golden.directory(), Device.CPU)) {
            found = FoundObject.detections(objects.find(picture(golden)));
            assertEquals(List.of("person", "computer mouse", "tv remote", "dog"), objects.classes());
        }
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            int q = expected.get(i);
            var one = found.get(i);
            assertEquals(NAMES.get((int) labels[q]), one.type());
            assertEquals(scores[q], one.score(), 1e-4);
            var box = new double[] {
                one.box().left(), one.box().top(), one.box().right(), one.box().bottom()
            };
            assertArrayEquals(
                    new double[] {boxes[4 * q], boxes[4 * q + 1], boxes[4 * q + 2], boxes[4 * q + 3]}, box, 1e-3);
        }
    }

    /** As transformers' get_size_with_aspect_ratio gives them. */
    @Test
    void edgesFollowTheRuleOfTransformers() {
        var processor = new DetrImageProcessor(ModelConfig.of("t", "{\"size\": 800, \"max_size\": 1333}"));
        for (var sizes : new int[][] {
            {512, 512, 800, 800},
            {640, 480, 1066, 800},
            {480, 640, 800, 1066},
            {1000, 400, 1333, 533},
            {300, 1000, 400, 1333}
        }) {
            var black = new RgbImage(new byte[3 * sizes[0] * sizes[1]], sizes[0], sizes[1]);
            try (var pixels = processor.pixels(black)) {
                assertArrayEquals(new long[] {1, 3, sizes[3], sizes[2]}, pixels.shape());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"resample\": 3}",
                "{\"do_resize\": false}",
                "{\"size\": {\"height\": 800, \"width\": 800}}",
                "{\"pad_size\": {\"height\": 1333, \"width\": 1333}}",
                "{\"image_mean\": [0.5]}",
                "{\"size_divisor\": 32}"
            })
    void otherPreprocessingIsRefused(String config) {
        var e = assertThrows(TillerException.class, () -> new DetrImageProcessor(ModelConfig.of("it", config)));
        assertTrue(e.getMessage().startsWith("it"), e.getMessage());
    }

    @Test
    void threeClassesHaveOtherNames() {
        assertEquals("computer keyboard", ObjectNames.ofCoco("keyboard"));
        assertEquals("hair drier", ObjectNames.ofCoco("hair drier"));
    }
}
