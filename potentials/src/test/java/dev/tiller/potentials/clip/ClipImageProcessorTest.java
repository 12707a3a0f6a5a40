// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipImageProcessorTest {
    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Test
    void bothRoutesEqualTheirReferences() throws URISyntaxException {
        var golden = Objects.requireNonNull(getClass().getResource("/golden/preprocess"));
        var report = Parity.run(List.of(Path.of(golden.toURI())));
        assertTrue(report.passed(), report::table);
        assertEquals(48, report.count(Status.PASS));
        // PIL to the bit, not only to the golden's tolerance of one grey level.
        var section = report.sections().get(0);
        assertTrue(section.rows().stream()
                .filter(row -> row.tensor().endsWith("pil_resized"))
                .allMatch(row -> row.maxAbsolute() == 0));
    }

    @Test
    void picturesOfTheRightSizeAreOnlyNormalised() {
        var rgb = new byte[2][32 * 32 * 3];
        var random = new SplittableRandom(1);
        random.nextBytes(rgb[0]);
        random.nextBytes(rgb[1]);
        var processor = of("{\"size\": 32, \"crop_size\": {\"height\": 32, \"width\": 32}}");
        try (var images = Images.of(rgb, 32, 32);
                var eightBit = processor.eightBit(images);
                var smooth = processor.smooth(images.tensor())) {
            assertArrayEquals(new long[] {2, 3, 32, 32}, eightBit.shape());
            assertArrayEquals(eightBit.toFloats(), smooth.toFloats(), 1e-6f);
        }
    }

    @Test
    void aFixedSizeMayChangeTheProportions() {
        var processor = of("{\"size\": {\"height\": 16, \"width\": 24}, \"do_center_crop\": false}");
        try (var images = Images.of(new byte[][] {new byte[40 * 40 * 3]}, 40, 40);
                var pixels = processor.eightBit(images)) {
            assertArrayEquals(new long[] {1, 3, 16, 24}, pixels.shape());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"resample\": 2}|resample",
                "{\"rescale_factor\": 0.5}|rescale_factor",
                "{\"size\": {\"longest_edge\": 4}}|longest_edge",
                "{\"size\": {}}|size must have",
                "{\"image_mean\": [0.5]}|image_mean",
                "{\"do_pad\": true}|do_pad"
            })
    void whatIsNotSupportedIsRefusedByName(String json, String name) {
        var e = assertThrows(TillerException.class, () -> of(json));
        assertTrue(e.getMessage().contains(name), e.getMessage());
    }

    @Test
    void aCropLargerThanThePictureIsRefused() {
        var processor = of("{\"do_resize\": false, \"crop_size\": 32}");
        try (var images = Images.of(new byte[][] {new byte[20 * 20 * 3]}, 20, 20)) {
            assertThrows(TillerException.class, () -> processor.eightBit(images));
            assertThrows(TillerException.class, () -> processor.smooth(images.tensor()));
        }
    }

    private static ClipImageProcessor of(String json) {
        return ClipImageProcessor.of(ModelConfig.of("test", json));
    }
}
