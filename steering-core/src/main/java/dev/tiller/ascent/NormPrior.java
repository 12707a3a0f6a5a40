// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import dev.tiller.smc.Key;
import java.util.Arrays;

/**
 * ReNO's regularisation (Eyring et al. 2024, section 3.2, after Samuel et al. 2023): minus the log density of the norm n of
 * d standard Gaussian numbers, which follows the chi distribution, up to a constant:
 *
 * <pre>
 * weight (n² / 2 - (d - 1) log n),   least at n = sqrt(d - 1)
 * </pre>
 *
 * The norm is rounded to float32, as in the authors' implementation.
 *
 * @param weight at least 0; 0.01 in the paper
 */
public record NormPrior(double weight) implements NoisePrior {
    public NormPrior {
        Checks.notNegative("weight of the norm prior", weight);
    }

    @Override
    public <X extends Vectors<X>> Price<X> price(X x, Key[] keys) {
        double others = x.dimensions() - 1;
        var norms = Arrays.stream(Vectors.norms(x)).map(n -> (float) n).toArray();
        var values = Arrays.stream(norms)
                .map(n -> weight * (n * n / 2 - others * Math.log(n)))
                .toArray();
        var slopes =
                Arrays.stream(norms).map(n -> weight * (1 - others / (n * n))).toArray();
        return new Price<>(values, x.timesRows(slopes));
    }
}
