// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.parity.Parity;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaeTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "golden", "models");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vae_sd15", "vae_16ch", "vae_legacy_keys", "taesd", "taesd3"})
    void bothHalvesEqualTheReferences(String name) {
        var report = new Parity(List.of(new VaeParity())).over(List.of(MODELS.resolve(name)));
        assertTrue(report.passed(), report.table());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vae_sd15", "vae_16ch"})
    void decodeUnscalesAndMapsToPictures(String name) {
        var golden = Golden.read(MODELS.resolve(name));
        try (var decoder = LatentDecoder.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var z = scope.adopt(Tensor.of(golden.floats("dec_a.in.latent"), golden.shape("dec_a.in.latent")));
            var latents =
                    z.minus(decoder.config().shift()).times(decoder.config().scale());
            var images = decoder.decode(latents);
            float[] raw = golden.floats("dec_a.out.image");
            float[] expected = new float[raw.length];
            for (int i = 0; i < raw.length; i++) {
                expected[i] = Math.max(0, Math.min(1, raw[i] / 2 + 0.5f));
            }
            assertArrayEquals(expected, images.tensor().toFloats(), 1e-4f);
            assertEquals(decoder.config().pixelsPerLatent() * z.dim(3), images.width());
        }
    }

    @Test
    void pictureAndLatentsMeet() {
        // What the encoder makes of a picture is in the sampler's scale, so the decoder takes it as it is.
        var golden = Golden.read(MODELS.resolve("vae_16ch"));
        try (var encoder = LatentEncoder.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var pixels = scope.adopt(Tensor.of(golden.floats("enc_a.in.pixels"), golden.shape("enc_a.in.pixels")));
            var images = new dev.tiller.tensor.Images(pixels.plus(1).dividedBy(2));
            var z = encoder.encode(images)
                    .dividedBy(encoder.config().scale())
                    .plus(encoder.config().shift());
            assertArrayEquals(golden.floats("enc_a.out.mean"), z.toFloats(), 1e-4f);
        }
    }

    @Test
    void float16IsComputedInFloat32WhereItOverflows() {
        var sdxl = MODELS.resolveSibling("pipelines")
                .resolve("sdxl")
                .resolve("vae")
                .resolve("config.json");
        var config = VaeConfig.of(ModelConfig.read(sdxl).with("force_upcast", true));
        assertEquals(DType.FLOAT32, config.computeType(DType.FLOAT16));
        assertEquals(DType.BFLOAT16, config.computeType(DType.BFLOAT16));
        assertEquals(0.13025, config.scale());
    }

    @Test
    void bfloat16IsClose() {
        var golden = Golden.read(MODELS.resolve("vae_sd15"));
        try (var decoder = LatentDecoder.load(golden.directory(), DType.BFLOAT16, Device.CPU);
                var scope = Scope.open()) {
            var z = scope.adopt(Tensor.of(golden.floats("dec_a.in.latent"), golden.shape("dec_a.in.latent")));
            float[] got = decoder.forward(z).toFloats();
            float[] raw = golden.floats("dec_a.out.image");
            double error = 0;
            double size = 0;
            for (int i = 0; i < raw.length; i++) {
                error += (got[i] - raw[i]) * (got[i] - raw[i]);
                size += raw[i] * raw[i];
            }
            double relative = Math.sqrt(error / size);
            assertTrue(relative > 1e-5 && relative < 0.03, "relative error " + relative);
        }
    }

    @Test
    void wrongShapesAreRefused() {
        try (var decoder = LatentDecoder.load(MODELS.resolve("taesd"), DType.FLOAT32, Device.CPU);
                var encoder = LatentEncoder.load(MODELS.resolve("taesd"), DType.FLOAT32, Device.CPU);
                var x = Tensor.zeros(DType.FLOAT32, 1, 3, 8, 12)) {
            assertThrows(TillerException.class, () -> decoder.forward(x));
            var message = assertThrows(TillerException.class, () -> encoder.forward(x))
                    .getMessage();
            assertTrue(message.contains("multiples of 8"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "vae_sd15, act_fn, relu6",
        "vae_sd15, in_channels, 4",
        "vae_sd15, out_channels, 4",
        "vae_sd15, a_new_option, 1",
        "vae_sd15, down_block_types, AttnDownEncoderBlock2D",
        "vae_sd15, up_block_types, AttnUpDecoderBlock2D",
        "vae_sd15, latents_mean, 0",
        "vae_sd15, latents_std, 1",
        "taesd, act_fn, silu",
        "taesd, upsample_fn, bilinear",
        "taesd, upsampling_scaling_factor, 3",
        "taesd, in_channels, 4",
        "taesd, out_channels, 4",
        "taesd, force_upcast, true",
        "taesd, a_new_option, 1",
    })
    void optionsAreRefusedByName(String model, String option, String value) {
        var file = ModelConfig.read(MODELS.resolve(model).resolve("config.json"));
        Object typed =
                option.endsWith("types") ? List.of(value) : value.matches("\\d+") ? Integer.valueOf(value) : value;
        var message = assertThrows(TillerException.class, () -> VaeConfig.of(file.with(option, typed)))
                .getMessage();
        assertTrue(message.contains(option), message);
    }

    @Test
    void otherAutoencodersAreRefused() {
        var message = assertThrows(
                        TillerException.class,
                        () -> VaeConfig.of(ModelConfig.of("config.json", "{\"_class_name\": \"VQModel\"}")))
                .getMessage();
        assertTrue(message.contains("VQModel"), message);
        assertThrows(TillerException.class, () -> VaeConfig.of(ModelConfig.of("config.json", "{}")));
        assertThrows(TillerException.class, () -> LatentDecoder.load(Path.of("nowhere"), DType.FLOAT32, Device.CPU));
    }
}
