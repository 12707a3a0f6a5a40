// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.KernelLaws;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The toys are what they claim to be, and kernels, guided and not, are kernels. */
class ToyTest {
    private static final Mixture DATA =
            new Mixture(new double[] {0.5, 0.5}, new double[][] {{-1, 0.5}, {1.5, 0}}, new double[] {0.3, 0.2});

    @Test
    void tweedieHolds() {
        var level = new Level(0.6, 0.8);
        double[] x = {0.2, -0.3};
        var clean = DATA.clean(level, x);
        var score = DATA.score(level, x);
        for (int j = 0; j < 2; j++) {
            assertEquals((x[j] + 0.64 * score[j]) / 0.6, clean[j], 1e-12);
        }
    }

    @Test
    void theJacobianIsThatOfCentralDifferences() {
        var level = new Level(0.6, 0.8);
        double[] x = {0.2, -0.3};
        double[] u = {0.7, -1.1};
        var pulled = DATA.pull(level, x, u);
        for (int j = 0; j < 2; j++) {
            double h = 1e-5;
            var up = x.clone();
            var down = x.clone();
            up[j] += h;
            down[j] -= h;
            var a = DATA.clean(level, up);
            var b = DATA.clean(level, down);
            assertEquals(((a[0] - b[0]) * u[0] + (a[1] - b[1]) * u[1]) / (2 * h), pulled[j], 1e-8);
        }
    }

    abstract static class Toy extends KernelLaws<ToyVectors> {
        @Override
        protected double[] row(ToyVectors x, int row) {
            return x.row(row);
        }

        @Override
        protected int alive() {
            return ToyVectors.alive();
        }
    }

    @Nested
    class Plain extends Toy {
        @Override
        protected Kernel<ToyVectors> kernel() {
            return ToySampler.cosine(DATA, 1, 6);
        }
    }

    @Nested
    class PlainFlow extends Toy {
        @Override
        protected Kernel<ToyVectors> kernel() {
            return ToySampler.flow(DATA, 0, 6);
        }
    }

    @Nested
    class Proposal extends Toy {
        @Override
        protected Kernel<ToyVectors> kernel() {
            var reward = ToySampler.quadratic(new double[] {1, 0}, 0.5);
            return GuidedKernel.proposal(
                    ToySampler.cosine(DATA, 1, 6), new RewardGuidance<>(reward, GuidanceSettings.TDS));
        }
    }

    @Nested
    class Everything extends Toy {
        @Override
        protected Kernel<ToyVectors> kernel() {
            var reward = ToySampler.quadratic(new double[] {1, 0}, 0.5);
            return GuidedKernel.sampler(
                    ToySampler.cosine(DATA, 0.5, 6),
                    new RewardGuidance<>(
                            reward,
                            GuidanceSettings.TFG
                                    .withRecurrence(3, new Window(0.2, 0.8))
                                    .withSmoothing(0.2, 2)
                                    .withMaxNorm(2)));
        }
    }
}
