// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;

/** What stands between the two maps of a feed-forward layer. */
public enum Activation {
    /** {@link Kernels#quickGelu}. */
    QUICK_GELU("quick_gelu"),
    /** {@link Kernels#gelu}. */
    GELU("gelu"),
    /** {@link Kernels#geluTanh}. */
    GELU_TANH("gelu_pytorch_tanh");

    private final String tag;

    Activation(String tag) {
        this.tag = tag;
    }

    /**
     * By the name that transformers has for it.
     *
     * @throws TillerException for any other
     */
    public static Activation of(String tag) {
        return Arrays.stream(values())
                .filter(a -> a.tag.equals(tag))
                .findFirst()
                .orElseThrow(() -> new TillerException("There is no activation '" + tag + "'."));
    }

    /** Of every number. */
    public Tensor apply(Tensor x) {
        return switch (this) {
            case QUICK_GELU -> Kernels.quickGelu(x);
            case GELU -> Kernels.gelu(x);
            case GELU_TANH -> Kernels.geluTanh(x);
        };
    }

    /** The way back of {@link #apply} at x. */
    public Tensor pull(Tensor cotangent, Tensor x) {
        return switch (this) {
            case QUICK_GELU -> Kernels.quickGeluPull(cotangent, x);
            case GELU -> Kernels.geluPull(cotangent, x);
            case GELU_TANH -> Kernels.geluTanhPull(cotangent, x);
        };
    }
}
