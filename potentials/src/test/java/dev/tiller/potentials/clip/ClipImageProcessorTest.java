// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipImageProcessorTest {
    @TempDir
    Path folder;

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

    /** Columns tell where the crop begins: of 35 pixels 32 are left, a margin of 3. Torchvision's round(1.5) is 2. */
    @Test
    void anOddMarginIsHalvedAsByWhoeverPublishedTheScores() throws IOException {
        var rgb = new byte[32 * 35 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 % 35);
        }
        var config = Files.writeString(folder.resolve("open_clip_config.json"), "{\"preprocess_cfg\": {}}");
        try (var scope = Scope.open();
                var images = Images.of(new byte[][] {rgb}, 35, 32)) {
            assertEquals(2, firstColumn(scope, ClipImageProcessor.clip(32), images));
            assertEquals(2, firstColumn(scope, ClipImageProcessor.openClip(config, 32), images));
            assertEquals(1, firstColumn(scope, of("{\"size\": 32, \"crop_size\": 32}"), images));
        }
    }

    private static long firstColumn(Scope scope, ClipImageProcessor processor, Images images) {
        float red = scope.adopt(processor.eightBit(images)).toFloats()[0];
        return Math.round(255 * (red * 0.26862954 + 0.48145466));
    }

    /** transformers 5 writes a processor as one file, and what it nests goes before an older file beside it. */
    @Test
    void theNewerFileGoesFirst() throws IOException {
        Files.writeString(folder.resolve("preprocessor_config.json"), "{\"size\": 48, \"crop_size\": 48}");
        assertSize(48, ClipImageProcessor.in(folder));
        Files.writeString(folder.resolve("processor_config.json"), "{\"processor_class\": \"CLIPProcessor\"}");
        assertSize(48, ClipImageProcessor.in(folder));
        Files.writeString(
                folder.resolve("processor_config.json"),
                "{\"image_processor\": {\"size\": {\"shortest_edge\": 16}, \"crop_size\": {\"height\": 16, \"width\": 16},"
                        + " \"image_processor_type\": \"CLIPImageProcessor\"}, \"processor_class\": \"CLIPProcessor\"}");
        assertSize(16, ClipImageProcessor.in(folder));
        assertTrue(ClipImageProcessor.in(folder.resolve("none")).isEmpty());
    }

    /** SigLIP's pictures are squeezed into the square and lie within [-1, 1], whether its file says so or leaves it out. */
    @Test
    void siglipsDefaultsAreItsOwn() {
        assertSize(224, Optional.of(of("{\"image_processor_type\": \"SiglipImageProcessor\"}")));
        assertSize(16, Optional.of(ClipImageProcessor.siglip(16)));
        try (var images = Images.of(new byte[][] {new byte[40 * 20 * 3]}, 40, 20);
                var pixels = ClipImageProcessor.siglip(16).eightBit(images)) {
            assertEquals(-1, pixels.toFloats()[0]);
        }
    }

    private static void assertSize(int side, Optional<ClipImageProcessor> processor) {
        try (var images = Images.of(new byte[][] {new byte[40 * 20 * 3]}, 40, 20);
                var pixels = processor.orElseThrow().eightBit(images)) {
            assertArrayEquals(new long[] {1, 3, side, side}, pixels.shape());
        }
    }

    @Test
    void aCropLargerThanThePictureIsRefused() {
        var processor = of("{\"do_resize\": false, \"crop_size\": 32}");
        try (var images = Images.of(new byte[][] {new byte[20 * 20 * 3]}, 20, 20)) {
            assertThrows(TillerException.class, () -> processor.eightBit(images));
            assertThrows(TillerException.class, () -> processor.smooth(images.tensor()));
        }
    }

    /** HPSv2's padding by PIL, made by {@code tools/rewards/golden_padding.py}. */
    @ParameterizedTest
    @CsvSource({"37,26", "21,40", "16,5", "48,45", "24,24"})
    void paddingIsThatOfPil(int width, int height) throws IOException {
        var name = "/golden/padding/" + width + "x" + height;
        var values = ByteBuffer.wrap(bytes(name + ".pixels"))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        var expected = new float[values.remaining()];
        values.get(expected);
        try (var images = Images.of(new byte[][] {bytes(name + ".rgb")}, width, height);
                var pixels = ClipImageProcessor.whole(24).eightBit(images)) {
            assertArrayEquals(expected, pixels.toFloats(), 1e-6f);
        }
    }

    private byte[] bytes(String name) throws IOException {
        try (var in = Objects.requireNonNull(getClass().getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    /** The way back that is written out, against the engine's, which it must take inside a block. */
    @ParameterizedTest
    @CsvSource({"50,37,false", "37,51,false", "50,37,true", "20,33,true", "32,32,true", "20,25,false"})
    void theGradientStraightThroughIsTheSmoothOnes(int width, int height, boolean whole) {
        var processor = whole ? ClipImageProcessor.whole(32) : ClipImageProcessor.clip(32);
        var rgb = new byte[2][width * height * 3];
        var random = new SplittableRandom(1);
        random.nextBytes(rgb[0]);
        random.nextBytes(rgb[1]);
        try (var scope = Scope.open();
                var images = Images.of(rgb, width, height);
                var own = new RecordedMap(processor::straightThrough, Checkpointing.OFF).tape(images.tensor());
                var engines = new RecordedMap(
                                x -> Recording.block(() -> processor.straightThrough(x)), Checkpointing.OFF)
                        .tape(images.tensor())) {
            assertArrayEquals(processor.eightBit(images).toFloats(), own.value().toFloats(), 0);
            assertArrayEquals(engines.value().toFloats(), own.value().toFloats(), 1e-6f);
            var cotangent = Kernels.randn(3, own.value().shape());
            assertArrayEquals(
                    engines.pull(cotangent).toFloats(), own.pull(cotangent).toFloats(), 1e-5f);
            assertTrue(scope.size() > 0);
        }
    }

    private static ClipImageProcessor of(String json) {
        return ClipImageProcessor.of(ModelConfig.of("test", json));
    }
}
