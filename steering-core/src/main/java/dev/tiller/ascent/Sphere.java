// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;

/**
 * Each step ends on a sphere around zero, where almost all Gaussian noise of d dimensions lies: of radius sqrt(d), or of
 * the norm that the noise had at its start.
 */
public enum Sphere implements NoisePrior {
    /** The norm is sqrt(d) after the first step and all later ones. */
    SQRT_D,
    /** The norm stays what it was at the start. */
    START;

    @Override
    public <X extends Vectors<X>> X project(X next, X from) {
        var norms = Vectors.norms(next);
        var radii = Vectors.norms(from);
        var factors = new double[norms.length];
        for (int i = 0; i < factors.length; i++) {
            double radius = this == START ? radii[i] : Math.sqrt(next.dimensions());
            factors[i] = norms[i] > 0 ? radius / norms[i] : 1;
        }
        return next.timesRows(factors);
    }
}
