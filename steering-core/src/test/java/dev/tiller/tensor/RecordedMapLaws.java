// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.gradient.PullbackLaws;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The laws for maps of float64 tensors; no tensor is left over. */
public abstract class RecordedMapLaws extends PullbackLaws<Tensor, Tensor> {
    private int before;

    /** The shape of what the map reads. */
    protected abstract long[] from();

    /** The shape of what it gives. */
    protected abstract long[] to();

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    protected void noneAlive() {
        assertEquals(before, Tensor.alive());
    }

    @Override
    protected Tensor point() {
        return normal(100, from());
    }

    @Override
    protected Tensor direction(long seed) {
        return normal(seed, from());
    }

    @Override
    protected Tensor cotangent(long seed) {
        return normal(seed, to());
    }

    private static Tensor normal(long seed, long... shape) {
        try (var single = Kernels.randn(seed, shape)) {
            return single.to(DType.FLOAT64);
        }
    }
}
