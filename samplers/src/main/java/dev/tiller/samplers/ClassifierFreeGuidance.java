// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/**
 * Classifier-free guidance (Ho and Salimans 2022): u + scale·(c − u) with the network's outputs for the prompt, c, and for
 * the negative prompt, u.
 *
 * @param scale at least 0; up to 1 for none, as in diffusers: then u is not computed and the output is c
 * @param rescale φ of Lin et al. 2024, equation 16, in [0, 1]: how far the guided output's standard deviation is brought
 *     back to that of c
 */
public record ClassifierFreeGuidance(double scale, double rescale) {
    /** @throws TillerException if a number is out of its range */
    public ClassifierFreeGuidance {
        if (!(scale >= 0 && scale < 1e4)) {
            throw new TillerException(
                    "The guidance scale must be a number from 0 (none), and usually 1 to 15, not " + scale + ".");
        }
        if (!(rescale >= 0 && rescale <= 1)) {
            throw new TillerException("The guidance rescale must be in [0, 1], not " + rescale + ".");
        }
    }

    /** Without rescaling. */
    public static ClassifierFreeGuidance of(double scale) {
        return new ClassifierFreeGuidance(scale, 0);
    }

    /** Whether the negative prompt's output is needed. */
    public boolean needsNegative() {
        return applies(scale);
    }

    /** Whether a scale asks for guidance at all. */
    public static boolean applies(double scale) {
        return scale > 1;
    }

    /** The guided output, of the shape of both; the caller closes it. */
    public Tensor combine(Tensor negative, Tensor positive) {
        try (var scope = Scope.open()) {
            var guided = negative.plus(positive.minus(negative).times(scale));
            if (rescale > 0) {
                var back = guided.times(deviation(positive).dividedBy(deviation(guided)));
                guided = back.times(rescale).plus(guided.times(1 - rescale));
            }
            return scope.keep(guided);
        }
    }

    /** The standard deviation of each row, with Bessel's correction as {@code torch.std}: N×1×1×1. */
    private static Tensor deviation(Tensor x) {
        int n = x.size();
        long perRow = x.elements() / n;
        var flat = x.reshape(n, perRow);
        var mean = flat.mean(1).reshape(n, 1);
        var variance = flat.minus(mean).square().sum(1).dividedBy(perRow - 1.0);
        return variance.sqrt().reshape(n, 1, 1, 1);
    }
}
