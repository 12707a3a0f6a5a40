// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.potentials.combine.Several.Combination;
import dev.tiller.reward.Combinations;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;

/**
 * {@code constrained(of=clip, subject="aesthetic >= 5; hps >= 0.25")}: one reward, and others that are to reach
 * thresholds: r + Σ μ_k·(g_k − t_k), whose multipliers μ_k ≥ 0 grow while the population's mean misses a threshold and
 * fall while it is kept, by dual ascent at every scoring (constrained RLHF, Moskovitz et al. 2023, arXiv:2310.04373, eq.
 * 4). Both sides are measured in the deviations of the population, so that one rate fits all.
 */
public final class ConstrainedProvider extends CombinationProvider {
    private static final Pattern CONSTRAINT = Pattern.compile("(.+?)\\s*>=\\s*(-?[0-9.eE+-]+)");

    public ConstrainedProvider() {
        super(
                "constrained",
                "a reward while others are to reach thresholds, by multipliers that adapt",
                "the reward's unit, plus multiplier times what is over the threshold",
                new Option("of", "the reward to maximise", "must be given"),
                new Option("subject", "REWARD >= NUMBER, with ; between them", "must be given"),
                new Option("rate", "how fast multipliers adapt", "0.5"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        double rate = Several.number(request, "rate", 0.5, 0, 100);
        var rewards = new ArrayList<String>();
        rewards.add(String.join(" + ", Several.list(request, info().name(), "of")));
        var thresholds = new ArrayList<Double>();
        for (var text : Several.list(request, info().name(), "subject")) {
            var constraint = CONSTRAINT.matcher(text);
            if (!constraint.matches()) {
                throw new TillerException("A constraint reads REWARD >= NUMBER, not '" + text + "'.");
            }
            rewards.add(constraint.group(1));
            try {
                thresholds.add(Double.parseDouble(constraint.group(2)));
            } catch (NumberFormatException e) {
                throw new TillerException("'" + constraint.group(2) + "' is no number to reach.", e);
            }
        }
        return Several.of(
                info(), rewards, request, new Constrained(rewards, thresholds, rate, new double[thresholds.size()]));
    }

    /** @param rewards the one to maximise, then one for each threshold */
    private record Constrained(List<String> rewards, List<Double> thresholds, double rate, double[] multipliers)
            implements Combination {
        @Override
        public Scores of(double[][] values) {
            double unit = Combinations.deviation(values[0]);
            var total = values[0].clone();
            var parts = new LinkedHashMap<String, double[]>();
            for (int k = 0; k < multipliers.length; k++) {
                var g = values[k + 1];
                double t = thresholds.get(k);
                double spread = Combinations.deviation(g);
                double scale = spread > 0 ? spread : 1;
                double missed = (t - Combinations.mean(g)) / scale;
                multipliers[k] = Math.max(0, multipliers[k] + rate * (Double.isFinite(missed) ? missed : 0));
                double factor = multipliers[k] * (unit > 0 ? unit : 1) / scale;
                for (int i = 0; i < total.length; i++) {
                    total[i] += factor * (g[i] - t);
                }
                var shown = new double[total.length];
                Arrays.fill(shown, multipliers[k]);
                parts.put("multiplier of " + rewards.get(k + 1), shown);
            }
            return new Scores(total, parts);
        }

        @Override
        public double[] memory() {
            return multipliers.clone();
        }

        @Override
        public void remember(double[] memory) {
            System.arraycopy(memory, 0, multipliers, 0, multipliers.length);
        }
    }
}
