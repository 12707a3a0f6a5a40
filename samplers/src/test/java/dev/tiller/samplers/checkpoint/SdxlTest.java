// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.SizeConditioning;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an SDXL checkpoint must have; that its pictures are right, {@link PipelineParityTest} says. */
class SdxlTest {
    private static final Path SDXL = Path.of("src", "test", "resources", "golden", "pipelines", "sdxl");

    @TempDir
    Path temp;

    /** Without one of these the network would run, and go wrong. */
    @ParameterizedTest
    @CsvSource({
        "unet/diffusion_pytorch_model.safetensors, add_embedding.linear_1.bias",
        "unet/diffusion_pytorch_model.safetensors, add_embedding.linear_2.weight",
        "unet/config.json, projection_class_embeddings_input_dim",
        "text_encoder_2/model.safetensors, text_projection.weight",
    })
    void whatIsMissingIsNamed(String file, String name) throws IOException {
        try (var files = Files.walk(SDXL)) {
            for (var path : files.toList()) {
                Files.copy(
                        path, temp.resolve("sdxl").resolve(SDXL.relativize(path).toString()));
            }
        }
        var damaged = temp.resolve("sdxl").resolve(file);
        var text = Files.readString(damaged, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(name), name);
        // Of the same length, so that no place in the file changes; a tensor of that name is nobody's.
        Files.writeString(damaged, text.replace(name, "x" + name.substring(1)), StandardCharsets.ISO_8859_1);
        var e = assertThrows(TillerException.class, () -> sample(temp.resolve("sdxl")));
        assertTrue(e.getMessage().contains(name), e.getMessage());
        assertEquals(0, Tensor.alive());
    }

    private static void sample(Path folder) {
        try (var model = TextToImage.load(folder, DType.FLOAT32, Device.CPU)) {
            model.sampler(Sampling.of("a red cat")).close();
        }
    }

    @Test
    void sizesAreNotNegative() {
        assertThrows(TillerException.class, () -> new SizeConditioning(64, 64, 0, -1, 64, 64));
        try (var numbers = SizeConditioning.of(48, 32).numbers(2)) {
            assertEquals(
                    "[48.0, 32.0, 0.0, 0.0, 48.0, 32.0, 48.0, 32.0, 0.0, 0.0, 48.0, 32.0]",
                    Arrays.toString(numbers.toDoubles()));
        }
    }
}
