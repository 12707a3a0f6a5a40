// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.run.TillerException;
import java.util.OptionalDouble;

/**
 * How noise is searched without gradients (Ma et al. 2025, section 3.2).
 *
 * @param iterations at least 1; the first scores the pivots, each later one their candidates
 * @param pivots searches side by side, at least 1; each is independent of the others
 * @param candidates tried for each pivot in an iteration, at least 1
 * @param similarity cosine in [0, 1) of a candidate and its pivot; empty for fresh noise, which is random search
 */
public record SearchPlan(int iterations, int pivots, int candidates, OptionalDouble similarity) {
    public SearchPlan {
        Checks.atLeast(1, "number of iterations", iterations);
        Checks.atLeast(1, "number of pivots", pivots);
        Checks.atLeast(1, "number of candidates", candidates);
        if (similarity.isPresent() && !(similarity.getAsDouble() >= 0 && similarity.getAsDouble() < 1)) {
            throw new TillerException(
                    "The similarity of a neighbour to its pivot is a cosine from 0 up to below 1, but is "
                            + similarity.getAsDouble() + ".");
        }
    }

    /** How many noises are evaluated. */
    public long evaluations() {
        return pivots * (1 + (iterations - 1L) * candidates);
    }

    /** Random search: the best of one pivot and (iterations - 1) x candidates fresh noises. */
    public static SearchPlan random(int iterations, int candidates) {
        return new SearchPlan(iterations, 1, candidates, OptionalDouble.empty());
    }

    /** Neighbourhood search, "zero-order" in the paper, with the cosine of 0.95 of tt-scale-flux, which implements it for FLUX. */
    public static SearchPlan zeroOrder(int iterations, int candidates) {
        return new SearchPlan(iterations, 1, candidates, OptionalDouble.of(0.95));
    }

    /** With so many searches side by side. */
    public SearchPlan withPivots(int newPivots) {
        return new SearchPlan(iterations, newPivots, candidates, similarity);
    }

    /** Neighbours at this cosine, in [0, 1), in the place of fresh noise. */
    public SearchPlan withSimilarity(double newSimilarity) {
        return new SearchPlan(iterations, pivots, candidates, OptionalDouble.of(newSimilarity));
    }
}
