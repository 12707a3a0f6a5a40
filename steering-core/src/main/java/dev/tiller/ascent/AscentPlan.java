// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.run.HeldOutAlarm;
import dev.tiller.run.TillerException;
import java.util.Optional;

/**
 * How noise is optimised.
 *
 * @param iterations points that are evaluated, at least 1; the last takes no step
 * @param optimizer how steps are made
 * @param prior what holds noise to the model's
 * @param clip the largest norm of a row's gradient (reward and prior together) that an optimizer sees; larger ones are
 *     shortened to it; infinite for none
 * @param explosion a gradient of larger norm, before clipping, ends the row's ascent; above 0
 * @param patience a row ends when its best reward is so many iterations old; 0 for never
 * @param alarm ends the whole ascent when it is raised for a held-out reward
 */
public record AscentPlan(
        int iterations,
        Optimizer optimizer,
        NoisePrior prior,
        double clip,
        double explosion,
        int patience,
        Optional<HeldOutAlarm> alarm) {
    private static final double EXPLOSION = 1e8;

    /** @throws TillerException if a number is out of its range, or L-BFGS is to work with clipped or random gradients */
    public AscentPlan {
        Checks.atLeast(1, "number of iterations", iterations);
        Checks.atLeast(0, "patience", patience);
        if (!(clip > 0) || !(explosion > 0)) {
            throw new TillerException(
                    "Gradients are clipped to a norm above 0 and explode above one above 0, but the plan" + " has "
                            + clip + " and " + explosion + ".");
        }
        if (optimizer.needsExactGradients() && (clip < Double.POSITIVE_INFINITY || prior.isRandom())) {
            throw new TillerException(
                    "L-BFGS compares gradients from step to step, so they can be neither clipped nor drawn"
                            + " at random: switch clipping off and choose another prior, or choose SGD or Adam.");
        }
    }

    /** Without prior, clipping or early stops. */
    public static AscentPlan of(int iterations, Optimizer optimizer) {
        return new AscentPlan(
                iterations, optimizer, NoisePrior.NONE, Double.POSITIVE_INFINITY, EXPLOSION, 0, Optional.empty());
    }

    /** With so many evaluations of each row, at least 1. */
    public AscentPlan withIterations(int newIterations) {
        return new AscentPlan(newIterations, optimizer, prior, clip, explosion, patience, alarm);
    }

    /** With other steps uphill. */
    public AscentPlan withOptimizer(Optimizer newOptimizer) {
        return new AscentPlan(iterations, newOptimizer, prior, clip, explosion, patience, alarm);
    }

    /** With another price for leaving Gaussian noise. */
    public AscentPlan withPrior(NoisePrior newPrior) {
        return new AscentPlan(iterations, optimizer, newPrior, clip, explosion, patience, alarm);
    }

    /** With another largest norm that an optimizer sees; infinite for none. */
    public AscentPlan withClip(double newClip) {
        return new AscentPlan(iterations, optimizer, prior, newClip, explosion, patience, alarm);
    }

    /** With another norm that ends a row's ascent. */
    public AscentPlan withExplosion(double newExplosion) {
        return new AscentPlan(iterations, optimizer, prior, clip, newExplosion, patience, alarm);
    }

    /** With rows that end when their best is so old; 0 for never. */
    public AscentPlan withPatience(int newPatience) {
        return new AscentPlan(iterations, optimizer, prior, clip, explosion, newPatience, alarm);
    }

    /** Which ends when a held-out reward is found to fall. */
    public AscentPlan withAlarm(HeldOutAlarm newAlarm) {
        return new AscentPlan(iterations, optimizer, prior, clip, explosion, patience, Optional.of(newAlarm));
    }
}
