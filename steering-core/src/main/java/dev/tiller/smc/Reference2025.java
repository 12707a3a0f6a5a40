// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the authors' implementation of Singhal et al. 2025 does (class FKD of Fk-Diffusion-Steering at 9413005), to repeat
 * published numbers. It is not what the paper says: D1 to D9 of the file docs/reference-2025.md are marked at their lines. All
 * arithmetic is float32, as there.
 *
 * <p>In an {@link Account}, {@code path.current} is the reference's {@code population_rs} and {@code spent} is its
 * {@code product_of_potentials}, no logarithm.
 *
 * @param rule how a weight follows from rewards
 * @param adaptive whether to resample only where ESS is below half of the particles
 * @param text whether it is the class of the text side, which differs in two points
 * @param adaptiveAtEnd of the text side: whether the last step resamples only where ESS is below half
 * @param lowest {@code reward_min_value}
 */
public record Reference2025(Rule rule, boolean adaptive, boolean text, boolean adaptiveAtEnd, float lowest)
        implements Bookkeeping {
    private static final float MOST = 1e10f;

    /** The reference's names of potentials. */
    public enum Rule {
        DIFF,
        MAX,
        ADD,
        /** The reward as it is, without history. */
        RT,
        /** Importance sampling: weighed at the end only. */
        IS,
        /** Best of n: never weighed. */
        BON
    }

    private static final Map<Potential, Rule> RULES =
            Map.of(Potential.DIFFERENCE, Rule.DIFF, Potential.MAX, Rule.MAX, Potential.SUM, Rule.ADD);

    private static final Resampling ALWAYS = Resampling.always(ResamplingScheme.MULTINOMIAL);
    private static final Resampling BELOW_HALF = Resampling.whenEssBelow(0.5, ResamplingScheme.MULTINOMIAL);

    /** The image class with the reference's defaults, for a plan that {@link #requireKnown} let pass. */
    static Reference2025 of(SteeringPlan plan) {
        var rule = RULES.getOrDefault(plan.potential(), Rule.BON);
        return new Reference2025(rule, plan.resampling().equals(BELOW_HALF), false, false, 0);
    }

    static void requireKnown(
            Potential potential, Resampling resampling, Population population, int children, Tempering tempering) {
        if (!RULES.containsKey(potential)
                || !(resampling.equals(ALWAYS) || resampling.equals(BELOW_HALF))
                || children > 1
                || !population.isConstant()
                || tempering != Tempering.NONE) {
            throw new TillerException(
                    "The mode reference-2025 knows the potentials difference, max and sum, multinomial"
                            + " resampling at every scoring or below half of the particles, and nothing else: no children, no"
                            + " tempering, no changing population.");
        }
    }

    @Override
    public Ledger open(int n) {
        var account = new Account(1, new RewardPath(-1, lowest, lowest, lowest, lowest), Double.NaN);
        return new Ledger(LogWeights.equal(n, 0), Collections.nCopies(n, account));
    }

    @Override
    public Ledger paid(int step, double[] rewards, double lambda, boolean last, Ledger before) {
        var weights = weights(rewards, lambda, last, before);
        var accounts = IntStream.range(0, rewards.length)
                .mapToObj(i -> {
                    var account = before.accounts().get(i);
                    // D6: a NaN stays in the history where the step is not resampled.
                    float kept = rule == Rule.BON ? held(account) : candidate(held(account), (float) rewards[i]);
                    var path = new RewardPath(step, account.path().current(), kept, kept, kept);
                    return new Account(account.spent(), path, rewards[i]);
                })
                .toList();
        // D8: this step's weight only, whatever was not resampled before is forgotten.
        var log = IntStream.range(0, weights.length).mapToDouble(i -> Math.log(weights[i]));
        return new Ledger(LogWeights.of(log.toArray()), accounts);
    }

    /** All zero is let pass, unless ancestors must be drawn. */
    @Override
    public void requireAlive(int step, Ledger paid) {}

    /** The step's weights before they are clamped, by exp in float32. */
    public float[] unclamped(double[] rewards, double lambda, boolean last, Ledger before) {
        var weights = new float[rewards.length];
        for (int i = 0; i < weights.length; i++) {
            var account = before.accounts().get(i);
            float reward = (float) rewards[i];
            float candidate = candidate(held(account), reward);
            float exponent = (float) lambda * (rule == Rule.DIFF ? reward - held(account) : candidate);
            weights[i] = rule == Rule.BON ? Float.NaN : (float) Math.exp(exponent);
            if (last && rule != Rule.DIFF && rule != Rule.BON) {
                // D3: the candidate has the history in it, where the paper has the reward of x_0 alone.
                weights[i] /= (float) account.spent();
            }
        }
        return weights;
    }

    /** The step's weights as they are used; NaN with {@link Rule#BON}, which has none. */
    public float[] weights(double[] rewards, double lambda, boolean last, Ledger before) {
        var weights = unclamped(rewards, lambda, last, before);
        if (rule == Rule.BON) {
            Arrays.fill(weights, 1);
            return weights;
        }
        for (int i = 0; i < weights.length; i++) {
            // D4: large weights tie. D6: a reward of NaN weighs nothing.
            weights[i] = Float.isNaN(weights[i]) ? 0 : Math.min(Math.max(weights[i], 0), MOST);
        }
        // D7: the text side takes all zero for all one.
        if (text && IntStream.range(0, weights.length).allMatch(i -> weights[i] == 0)) {
            Arrays.fill(weights, 1);
        }
        return weights;
    }

    /** The reward with its history, {@code rs_candidates}. */
    public float candidate(float held, float reward) {
        return switch (rule) {
            case MAX -> Math.max(reward, held);
            case ADD -> reward + held;
            case DIFF, RT, IS, BON -> reward;
        };
    }

    /**
     * Whether the reference draws new ancestors.
     *
     * @throws TillerException where it cannot, because all weights are zero
     */
    public boolean resamples(LogWeights weights, boolean last) {
        boolean whenever = !(adaptive || last) || (last && text && !adaptiveAtEnd);
        if (rule == Rule.BON || (!whenever && !(weights.ess() < weights.size() / 2.0 && !weights.allZero()))) {
            // D7: where all weights are zero ESS is NaN, and NaN is not below anything.
            return false;
        }
        if (weights.allZero()) {
            throw new TillerException("All weights are zero, and the mode reference-2025 cannot resample then; use the"
                    + " ordinary engine, or rewards that are not so low.");
        }
        return true;
    }

    /** D2: the last step resamples only below half, and its weights are lost otherwise. */
    @Override
    public Optional<Ancestry> resample(Ledger ledger, int size, boolean last, Key key) {
        if (!resamples(ledger.weights(), last)) {
            return Optional.empty();
        }
        // D9: independent draws.
        var ancestors = ResamplingScheme.MULTINOMIAL
                .resample(ledger.weights(), size, key)
                .ancestors();
        return Optional.of(new Ancestry(ancestors, LogWeights.equal(size, 0)));
    }

    @Override
    public Ledger descend(Ledger ledger, Ancestry ancestry) {
        var accounts = Arrays.stream(ancestry.ancestors())
                .mapToObj(a -> {
                    var account = ledger.accounts().get(a);
                    // D5: the clamped weight goes into the product, which may overflow.
                    float product = (float) account.spent()
                            * (float) Math.exp(ledger.weights().get(a));
                    return new Account(product, account.path(), account.reward());
                })
                .toList();
        return new Ledger(ancestry.weights(), accounts);
    }

    /** D1: not resampled, and the weights are dropped. */
    @Override
    public Ledger kept(Ledger ledger) {
        return new Ledger(LogWeights.equal(ledger.size(), 0), ledger.accounts());
    }

    /** Forgotten weights leave no estimate. */
    @Override
    public double logEvidence(Ledger ledger) {
        return Double.NaN;
    }

    private static float held(Account account) {
        return (float) account.path().current();
    }
}
