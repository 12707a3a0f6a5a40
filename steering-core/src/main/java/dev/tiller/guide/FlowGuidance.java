// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.GradedObjective.Graded;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Guidance of a flow by rewards that understand noise: with x_t = (1 − t) x₀ + t n and the velocity v = E[n − x₀ | x_t],
 *
 * <pre>
 * ṽ = v − w · t/(1 − t) · ∇ₓ r(x_t, t)        r = Σ wᵢ rᵢ
 * </pre>
 *
 * The score is ∇ log p(x_t) = −(x_t + (1 − t) v)/t, so this is the flow of p(x_t) exp(w r(x_t, t)), and E[x₀ | x_t] moves by
 * w t²/(1 − t) ∇ₓ r: in that form, w (σ²/α) ∇ₓ r, it holds for any Gaussian path. With r(x_t, t) = log E[exp r(x₀) | x_t] and
 * w = 1 the samples follow p(x₀) exp(r(x₀)) up to the steps' error. v is what the kernel has, after classifier-free guidance.
 *
 * @param <X> the samples
 */
public final class FlowGuidance<X extends Vectors<X>> implements Guide<X> {
    /**
     * @param strength w, from 0
     * @param earliest the largest t that is guided, in (0, 1]
     * @param latest the smallest t that is guided, in [0, earliest]
     * @param maxRatio what t/(1 − t) is cut to near t = 1, where a learned gradient does not vanish as it should; above 0
     */
    public record Settings(double strength, double earliest, double latest, double maxRatio) {
        /** All of the way, t/(1 − t) up to 10. */
        public static final Settings DEFAULT = new Settings(1, 1, 0, 10);

        public Settings {
            if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
                throw new TillerException(
                        "The strength of flow guidance must be a finite number from 0, not " + strength + ".");
            }
            if (!(latest >= 0 && latest <= earliest && earliest <= 1)) {
                throw new TillerException(
                        "A flow is guided from a time t to an earlier or equal one, both in [0, 1], not from "
                                + earliest + " to " + latest + ".");
            }
            if (!(maxRatio > 0)) {
                throw new TillerException("The largest t/(1 - t) must be above 0, not " + maxRatio + ".");
            }
        }
    }

    private final Map<String, NoiseAwareReward<X>> rewards;
    private final Map<String, Double> weights = new ConcurrentHashMap<>();
    private final Settings settings;

    /**
     * @param rewards by name, each with weight 1 at first; kept by the caller
     */
    public FlowGuidance(Map<String, ? extends NoiseAwareReward<X>> rewards, Settings settings) {
        if (rewards.isEmpty()) {
            throw new TillerException("Flow guidance needs at least one reward.");
        }
        this.rewards = new TreeMap<>(rewards);
        this.settings = settings;
        rewards.keySet().forEach(name -> weights.put(name, 1.0));
    }

    /**
     * Sets wᵢ from the next step on; may be called by another thread while a run is under way.
     *
     * @throws TillerException if there is no such reward or the weight is not finite
     */
    public void setWeight(String reward, double weight) {
        if (!rewards.containsKey(reward)) {
            throw new TillerException(
                    "There is no reward '" + reward + "'; there are " + String.join(", ", rewards.keySet()) + ".");
        }
        if (!Double.isFinite(weight)) {
            throw new TillerException("The weight of " + reward + " must be a finite number, not " + weight + ".");
        }
        weights.put(reward, weight);
    }

    /** wᵢ by name. */
    public Map<String, Double> weights() {
        return Map.copyOf(weights);
    }

    @Override
    public int rounds(int step, List<Stage> stages) {
        double t = stages.get(step).from().time();
        return settings.strength() > 0 && t <= settings.earliest() && t >= settings.latest() ? 1 : 0;
    }

    @Override
    public boolean pulls() {
        return rewards.values().stream().anyMatch(NoiseAwareReward::pulls);
    }

    @Override
    public Push<X> push(GuidableKernel<X> kernel, int step, X x, Look<X> look, Key key) {
        var level = kernel.stages().get(step).from();
        double ratio = Math.min(level.sigma() / level.alpha(), settings.maxRatio());
        var factor = new double[x.size()];
        Arrays.fill(factor, settings.strength() * ratio * level.sigma());
        try (var sum = sum(level, x, look)) {
            return new Push<>(sum == null ? null : sum.gradient().timesRows(factor), null);
        }
    }

    /** r and its gradient; null where all weights are zero. */
    private @Nullable Graded<X> sum(Level level, X x, Look<X> look) {
        Graded<X> sum = null;
        for (var reward : rewards.entrySet()) {
            double weight = weights.getOrDefault(reward.getKey(), 0.0);
            if (weight != 0) {
                try (var graded = reward.getValue().grade(level, x, look)) {
                    sum = Rows.plus(sum, graded, weight);
                }
            }
        }
        return sum;
    }

    @Override
    public Cost cost() {
        return rewards.values().stream().map(NoiseAwareReward::cost).reduce(Cost.NONE, Cost::plus);
    }
}
