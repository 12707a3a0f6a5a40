// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** y = x·Wᵀ + b over the last dimension; W is out×in, b may be missing. */
public final class Linear {
    private static final long[] ANY = {};

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final PackedWeight packed = new PackedWeight();
    private final PackedWeight packedBack = new PackedWeight();

    /** Reads the matrix, out×in or the out×in×1×1 of a convolution, and the bias if there is one. */
    public Linear(Weights weights) {
        this(matrix(weights.get("weight")), weights.has("bias") ? weights.get("bias") : null);
    }

    /** The map of these tensors, which keep their owner. */
    public Linear(Tensor weight, @Nullable Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** One map whose outputs are those of all the parts, one after the other. Either all have a bias or none. */
    public static Linear joined(Weights... parts) {
        boolean bias = parts[0].has("bias");
        return new Linear(join("weight", parts), bias ? join("bias", parts) : null);
    }

    private static Tensor join(String key, Weights... parts) {
        try (var scope = Scope.open()) {
            return scope.keep(
                    Tensor.concat(0, Arrays.stream(parts).map(p -> p.get(key)).toArray(Tensor[]::new)));
        }
    }

    /** The map to outputs [from, to) alone; no weight is copied. */
    public Linear outputs(int from, int to) {
        return new Linear(weight.rows(from, to), bias == null ? null : bias.rows(from, to));
    }

    /** The number of outputs. */
    public int width() {
        return weight.size();
    }

    /** What x must be of. */
    public DType dtype() {
        return weight.dtype();
    }

    /** x …×in to …×out. */
    public Tensor apply(Tensor x) {
        Optional<Tensor> fast = pack(x);
        if (fast.isPresent()) {
            return Packed.linear(x, fast.get(), bias);
        }
        return bias == null ? Kernels.linear(x, weight) : Kernels.linear(x, weight, bias);
    }

    /** gelu(apply(x)). */
    public Tensor applyGelu(Tensor x) {
        Optional<Tensor> fast = pack(x);
        return fast.isPresent() ? Packed.linearGelu(x, fast.get(), bias) : Kernels.gelu(apply(x));
    }

    /** The layout of a packed matrix does not depend on the number of rows. */
    private Optional<Tensor> pack(Tensor x) {
        return Packed.supports(x)
                ? packed.forShape(ANY, () -> Optional.of(Packed.packLinear(weight)))
                : Optional.empty();
    }

    /** The way back, a cotangent …×out to …×in: c·W. */
    public Tensor pull(Tensor cotangent) {
        Optional<Tensor> fast = Packed.supports(cotangent)
                ? packedBack.forShape(ANY, () -> Optional.of(packTurned()))
                : Optional.empty();
        return fast.isPresent() ? Packed.linear(cotangent, fast.get(), null) : cotangent.matmul(weight);
    }

    private Tensor packTurned() {
        try (var scope = Scope.open()) {
            return scope.keep(Packed.packLinear(weight.permute(1, 0).copy()));
        }
    }

    /** x …×in to residual + …×out. */
    public Tensor applyOnto(Tensor x, Tensor residual) {
        return apply(x).plus(residual);
    }

    private static Tensor matrix(Tensor weight) {
        return weight.rank() == 2 ? weight : weight.reshape(weight.dim(0), -1);
    }
}
