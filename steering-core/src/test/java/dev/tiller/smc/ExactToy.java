// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A kernel and a reward for which the steered distribution p(x) exp(lambda r(x)) / Z is known.
 *
 * @param logZ log of Z
 * @param moments what is known of it
 */
public record ExactToy(
        String name,
        Kernel<ToyBatch> kernel,
        Objective<ToyBatch> objective,
        double lambda,
        double logZ,
        List<Moment> moments) {

    /** The expectation of f under the steered distribution. */
    public record Moment(String name, DoubleUnaryOperator f, double expected) {}

    /** All toys: a Gaussian with a linear and with a quadratic reward, a mixture of three, a chain. */
    public static List<ExactToy> all() {
        return List.of(
                mixture("gaussian, linear reward", 6, new double[] {1}, new double[] {0.5}, new double[] {0.8}, 0.6, 0),
                mixture(
                        "gaussian, quadratic reward",
                        6,
                        new double[] {1},
                        new double[] {-0.4},
                        new double[] {1},
                        0.5,
                        0.5),
                mixture(
                        "mixture",
                        6,
                        new double[] {0.5, 0.3, 0.2},
                        new double[] {-2, 0.3, 1.8},
                        new double[] {0.3, 0.2, 0.4},
                        0.3,
                        0.1),
                chain());
    }

    /** Mixture of Gaussians with the reward b x - c x^2 / 2 and lambda 0.8: a mixture again, by completing the square. */
    public static ExactToy mixture(
            String name, int steps, double[] weight, double[] mean, double[] sd, double b, double c) {
        double lambda = 0.8;
        int n = weight.length;
        var z = new double[n];
        var m = new double[n];
        var v = new double[n];
        double total = 0;
        for (int k = 0; k < n; k++) {
            double prior = 1 / (sd[k] * sd[k]);
            double precision = prior + lambda * c;
            m[k] = (mean[k] * prior + lambda * b) / precision;
            v[k] = 1 / precision;
            z[k] = weight[k]
                    * Math.sqrt(prior / precision)
                    * Math.exp((m[k] * m[k] * precision - mean[k] * mean[k] * prior) / 2);
            total += z[k];
        }
        double first = 0;
        double second = 0;
        double positive = 0;
        for (int k = 0; k < n; k++) {
            first += z[k] / total * m[k];
            second += z[k] / total * (m[k] * m[k] + v[k]);
            positive += z[k] / total * (1 - new NormalDistribution(m[k], Math.sqrt(v[k])).cumulativeProbability(1));
        }
        double centre = first;
        return new ExactToy(
                name,
                new MixtureKernel(steps, weight, mean, sd),
                (step, x) -> Scores.of(java.util.Arrays.stream(x.toArray())
                        .map(y -> b * y - c * y * y / 2)
                        .toArray()),
                lambda,
                Math.log(total),
                List.of(
                        new Moment("mean", y -> y, first),
                        new Moment("variance", y -> (y - centre) * (y - centre), second - first * first),
                        new Moment("weight above 1", y -> y > 1 ? 1 : 0, positive)));
    }

    /** Three states, five moves, early rewards that mislead; all 3^6 paths are summed. */
    public static ExactToy chain() {
        int states = 3;
        int steps = 5;
        var random = Key.of(5).generator();
        var transition = new double[steps][states][];
        for (var table : transition) {
            for (int from = 0; from < states; from++) {
                table[from] = simplex(random.nextDouble(), random.nextDouble(), random.nextDouble());
            }
        }
        var initial = simplex(1, 2, 1);
        var reward = new double[steps][states];
        for (var row : reward) {
            for (int i = 0; i < states; i++) {
                row[i] = random.nextDouble() - 0.5;
            }
        }
        double lambda = 0.8;
        var mass = new double[states];
        int paths = (int) Math.pow(states, steps + 1);
        for (int path = 0; path < paths; path++) {
            int state = path % states;
            double p = initial[state];
            for (int step = 0, rest = path / states; step < steps; step++, rest /= states) {
                p *= transition[step][state][rest % states];
                state = rest % states;
            }
            mass[state] += p * Math.exp(lambda * reward[steps - 1][state]);
        }
        double z = mass[0] + mass[1] + mass[2];
        var moments = new ArrayList<Moment>();
        for (int i = 0; i < states; i++) {
            int state = i;
            moments.add(new Moment("state " + i, x -> x == state ? 1 : 0, mass[i] / z));
        }
        return new ExactToy(
                "chain",
                new ChainKernel(initial, transition),
                (step, x) -> Scores.of(java.util.Arrays.stream(x.toArray())
                        .map(s -> reward[step][(int) s])
                        .toArray()),
                lambda,
                Math.log(z),
                moments);
    }

    private static double[] simplex(double a, double b, double c) {
        double total = a + b + c;
        return new double[] {a / total, b / total, c / total};
    }
}
