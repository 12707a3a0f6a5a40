// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.gradient.Pullback;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.RecordedMapLaws;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Pictures to unit vectors, by the tiny CLIP of the references, in float64. */
class ClipGradientTest extends RecordedMapLaws {
    private ClipModel model;

    @BeforeEach
    void load() {
        model = ClipModel.load(
                Path.of("src", "test", "resources", "golden", "models", "clip_model"), DType.FLOAT64, Device.CPU);
    }

    @AfterEach
    void free() {
        model.close();
    }

    @Override
    protected void noneAlive() {}

    @Override
    protected Pullback<Tensor, Tensor> map() {
        return new RecordedMap(model::pictures, Checkpointing.ON);
    }

    @Override
    protected double step() {
        return 1e-5;
    }

    @Override
    protected long[] from() {
        return new long[] {2, 3, 32, 32};
    }

    @Override
    protected long[] to() {
        return new long[] {2, 24};
    }
}
