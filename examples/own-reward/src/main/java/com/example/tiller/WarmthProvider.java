// SPDX-License-Identifier: Apache-2.0
package com.example.tiller;

import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code warmth(target=0.3)}: how near the picture's warmth, red less blue in its mean, comes to a target. It has a
 * gradient, so it steers with every method.
 */
public final class WarmthProvider implements RewardProvider<Images> {
    private static final RewardInfo INFO = new RewardInfo(
            "warmth", "how near red less blue comes to a target", "0 at the target, -4 at the worst", true, false);

    @Override
    public RewardInfo info() {
        return INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(new Option("target", "red less blue, -1 to 1", "0.3"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var text = request.option("target", "0.3");
        try {
            double target = Double.parseDouble(text);
            if (target >= -1 && target <= 1) {
                return new Warmth(target);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException("The option target of warmth wants a number from -1 to 1, not '" + text + "'.");
    }

    /** −(w − target)², w the mean over the picture of red less blue. */
    private record Warmth(double target) implements DifferentiableReward<Images> {
        @Override
        public RewardInfo info() {
            return INFO;
        }

        @Override
        public double[] score(Images images) {
            return Arrays.stream(warmth(images))
                    .map(w -> -(w - target) * (w - target))
                    .toArray();
        }

        private static double[] warmth(Images images) {
            // Tensors made inside a scope are closed with it, except for what is kept.
            try (var scope = Scope.open()) {
                var mean = images.tensor().mean(2, 3); // N×3
                return mean.slice(1, 0, 1).minus(mean.slice(1, 2, 3)).toDoubles();
            }
        }

        @Override
        public Graded<Images> grade(Images images) {
            var x = images.tensor();
            int pixels = x.dim(2) * x.dim(3);
            var warmth = warmth(images);
            var gradient = new float[x.size() * 3 * pixels];
            for (int i = 0; i < warmth.length; i++) {
                float slope = (float) (-2 * (warmth[i] - target) / pixels);
                int start = i * 3 * pixels;
                Arrays.fill(gradient, start, start + pixels, slope);
                Arrays.fill(gradient, start + 2 * pixels, start + 3 * pixels, -slope);
            }
            try (var scope = Scope.open()) {
                var made = Tensor.of(gradient, x.shape()).to(x.device());
                return new Graded<>(score(images), new Images(scope.keep(made)));
            }
        }
    }
}
