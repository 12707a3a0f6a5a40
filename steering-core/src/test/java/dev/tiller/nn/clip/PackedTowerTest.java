// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In float32 on a CPU a tower's layers know their own way back; in float64 the engine finds it. */
class PackedTowerTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "golden", "models");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    /** Activations: quick_gelu, gelu, gelu_pytorch_tanh. */
    @ParameterizedTest
    @CsvSource({
        "clip_model,OFF",
        "clip_model,ON",
        "clip_model,AUTO",
        "clip_model_h,OFF",
        "clip_model_h,ON",
        "siglip,OFF",
        "siglip,ON"
    })
    void theWayBackThatIsWrittenOutIsTheEngines(String name, Checkpointing checkpointing) {
        try (var scope = Scope.open();
                var exact = PictureTextFiles.load(MODELS.resolve(name), DType.FLOAT64, Device.CPU);
                var packed = PictureTextFiles.load(MODELS.resolve(name), DType.FLOAT32, Device.CPU)) {
            int side = exact.imageSize();
            var pixels = Kernels.randn(1, 3, 3, side, side);
            var value = exact.pictures(pixels.to(DType.FLOAT64));
            var cotangent = Kernels.randn(2, value.shape());
            double[] reference;
            try (var tape = new RecordedMap(exact::pictures, Checkpointing.OFF).tape(pixels.to(DType.FLOAT64))) {
                reference = tape.pull(cotangent.to(DType.FLOAT64)).toDoubles();
            }
            try (var tape = new RecordedMap(packed::pictures, checkpointing).tape(pixels)) {
                assertArrayEquals(value.toDoubles(), tape.value().toDoubles(), 1e-5);
                var once = tape.pull(cotangent).toDoubles();
                double most = Arrays.stream(reference).map(Math::abs).max().orElseThrow();
                assertArrayEquals(reference, once, 2e-5 * most);
                assertArrayEquals(once, tape.pull(cotangent).toDoubles(), 0);
            }
        }
    }
}
