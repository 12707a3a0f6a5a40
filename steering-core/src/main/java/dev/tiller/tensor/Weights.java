// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.util.Set;

/**
 * A cursor over the tensors of a checkpoint, spelled like its keys: {@code
 * weights.at("down_blocks").at(0).at("conv").get("weight")} reads {@code down_blocks.0.conv.weight}. Floating tensors
 * come in the compute type and on the device that the checkpoint was opened for.
 */
public interface Weights {
    /**
     * A tensor, which belongs to the thread's innermost {@link Scope}. Its memory may be shared with other tensors of
     * the same key and with the file.
     *
     * @throws dev.tiller.run.TillerException if there is no such tensor
     */
    Tensor get(String key);

    /**
     * Refuses a checkpoint whose tensor is not there, is none of numbers with a fraction, or is of another shape than an
     * architecture has. It is not read.
     *
     * @param shape a matrix, out×in, may also be stored as the out×in×1×1 of a convolution
     * @throws dev.tiller.run.TillerException saying which tensor
     */
    void require(String key, long... shape);

    boolean has(String key);

    /** The keys under this cursor, relative to it, in alphabetical order. */
    Set<String> keys();

    /** The cursor at {@code prefix} (without the dot that follows it). */
    Weights at(String prefix);

    /** The cursor at an element of a list. */
    default Weights at(int index) {
        return at(Integer.toString(index));
    }

    /** The type that networks compute in. */
    DType dtype();

    /** The same weights, floating tensors being given as this type. */
    default Weights in(DType type) {
        return type == dtype() ? this : new CastWeights(this, type);
    }

    /** The device that networks compute on. */
    Device device();
}
