// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.smc.Key;

/** Fresh standard Gaussian noise; {@link dev.tiller.smc.Kernel#start} is one where a kernel starts from it. */
@FunctionalInterface
public interface NoiseSource<X extends Vectors<X>> {
    /** n rows, owned by the caller; row i depends on {@code key.at(i)} alone. */
    X draw(int n, Key key);
}
