// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

    /** The last layer writes no more where nobody asks for it: the same place and gradient. */
    @Test
    void aPlaceNeedsFewTokensOfTheLastLayer() {
        try (var scope = Scope.open();
                var tower = ClipVisionModel.load(MODELS.resolve("clip_vision_proj"), DType.FLOAT64, Device.CPU)) {
            int side = tower.imageSize();
            var pixels = Kernels.randn(1, 3, 3, side, side).to(DType.FLOAT64);
            var value = tower.forward(pixels).embedding().orElseThrow();
            assertArrayEquals(value.toDoubles(), tower.embedding(pixels).toDoubles(), 1e-12);
            var cotangent = Kernels.randn(2, value.shape()).to(DType.FLOAT64);
            assertArrayEquals(
                    gradient(x -> tower.forward(x).embedding().orElseThrow(), Checkpointing.OFF, pixels, cotangent),
                    gradient(tower::embedding, Checkpointing.OFF, pixels, cotangent),
                    1e-12);
        }
    }

    /**
     * Maps in bfloat16, whose numbers have 8 bits: unit vectors are within 0.01 of float32's at every place (found: 0.005),
     * gradients have a cosine above 0.9995 (0.9999), and the way back that is written out is the engine's.
     */
    @ParameterizedTest
    @CsvSource({"clip_model,OFF", "clip_model,ON", "clip_model_h,AUTO", "siglip,OFF", "siglip,ON"})
    void mapsInBfloat16AreNear(String name, Checkpointing checkpointing) {
        try (var scope = Scope.open();
                var full = PictureTextFiles.load(MODELS.resolve(name), DType.FLOAT32, Device.CPU);
                var narrow = PictureTextFiles.load(MODELS.resolve(name), DType.FLOAT32, DType.BFLOAT16, Device.CPU)) {
            int side = full.imageSize();
            var pixels = Kernels.randn(1, 3, 3, side, side);
            var value = full.pictures(pixels);
            var near = narrow.pictures(pixels);
            assertEquals(DType.FLOAT32, near.dtype());
            assertArrayEquals(value.toDoubles(), near.toDoubles(), 0.01);
            assertFalse(Arrays.equals(value.toFloats(), near.toFloats()));
            var ids = Tensor.of(new long[] {3, 4, 5, 6}, 1, 4);
            assertArrayEquals(full.texts(ids).toFloats(), narrow.texts(ids).toFloats());
            var cotangent = Kernels.randn(2, value.shape());
            var exact = gradient(full::pictures, checkpointing, pixels, cotangent);
            var found = gradient(narrow::pictures, checkpointing, pixels, cotangent);
            // Inside a block all that is computed has the engine's graph.
            var engines = gradient(x -> Recording.block(() -> narrow.pictures(x)), Checkpointing.ON, pixels, cotangent);
            assertTrue(cosine(exact, found) > 0.9995, cosine(exact, found) + " to float32's");
            assertTrue(cosine(engines, found) > 0.9999, cosine(engines, found) + " to the engine's");
        }
    }

    /** A picture's place has the same bits alone and among others. */
    @ParameterizedTest
    @CsvSource({"clip_model_h,FLOAT32", "clip_model_h,BFLOAT16", "siglip,FLOAT32", "siglip,BFLOAT16"})
    void aRowDoesNotDependOnTheRowsBesideIt(String name, DType maps) {
        try (var scope = Scope.open();
                var model = PictureTextFiles.load(MODELS.resolve(name), DType.FLOAT32, maps, Device.CPU)) {
            int side = model.imageSize();
            var pixels = Kernels.randn(1, 5, 3, side, side);
            var all = model.pictures(pixels);
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(
                        all.rows(i, i + 1).toFloats(),
                        model.pictures(pixels.rows(i, i + 1)).toFloats());
            }
            assertArrayEquals(
                    all.rows(1, 4).toFloats(), model.pictures(pixels.rows(1, 4)).toFloats());
        }
    }

    private static double[] gradient(UnaryOperator<Tensor> f, Checkpointing checkpointing, Tensor x, Tensor cotangent) {
        try (var tape = new RecordedMap(f, checkpointing).tape(x);
                var gradient = tape.pull(cotangent)) {
            return gradient.toDoubles();
        }
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }
}
