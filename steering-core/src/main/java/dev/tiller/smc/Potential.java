// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of the reward to spend early: log G_t of Singhal et al. 2025, "A General Framework for Inference-time Scaling
 * and Steering of Diffusion Models", section 3, in nats.
 *
 * <p>A potential is asked only at scored steps before the last. What it gives away is entered in the particle's
 * {@link Account}, and at the last step exactly lambda r(x_0) less that is paid, so that any potential whatever leaves the
 * target at p(x_0) exp(lambda r(x_0)): it decides how well, never what is sampled.
 */
@FunctionalInterface
public interface Potential {
    /** Pays the change of the reward; the intermediate target is p(x_t) exp(lambda_t r_t). */
    Potential DIFFERENCE = path -> path.current() - path.previous();

    /** Pays the best reward seen on the path at every scoring. */
    Potential MAX = RewardPath::best;

    /** Pays the sum of the rewards seen on the path at every scoring. */
    Potential SUM = RewardPath::sum;

    /** Pays nothing early; with no resampling that is importance sampling, and best-of-n. */
    Potential NONE = path -> 0;

    /** What is added to the log weight now; -infinity gives the particle up, NaN and +infinity end the run. */
    double early(RewardPath path);

    /**
     * A potential by its name.
     *
     * @throws TillerException if there is none of that name
     */
    static Potential named(String name) {
        var known = new TreeMap<>(Map.of("difference", DIFFERENCE, "max", MAX, "sum", SUM, "none", NONE));
        var potential = known.get(name.toLowerCase(Locale.ROOT));
        if (potential == null) {
            throw new TillerException(
                    "There is no potential '" + name + "'; choose one of " + String.join(", ", known.keySet()) + ".");
        }
        return potential;
    }
}
