// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Tests whether runs sample what they should. Sequential Monte Carlo has, for any number of particles,
 *
 * <pre>
 * E[ Z^ sum_i W_i f(x_i) ] = Z E_target[f]          and with f = 1          E[ Z^ ] = Z ,
 * </pre>
 *
 * so D = Z^/Z (sum_i W_i f(x_i) - E_target[f]) has mean zero exactly, and over independent runs mean(D) / (sd(D) /
 * sqrt(runs)) is standard normal but for the central limit theorem. No bias of small populations is to be allowed for.
 */
public final class Exactness {
    /** Probability that a suite of tests with nothing wrong fails, were all statistics normal. */
    public static final double FALSE_ALARM = 1e-4;

    /** One test; under the null hypothesis z is standard normal. */
    public record Finding(String what, double z) {}

    private final List<Finding> findings = new ArrayList<>();
    private final int runs;

    public Exactness(int runs) {
        this.runs = runs;
    }

    /** Runs a plan many times on a toy, and notes the findings. */
    void examine(ExactToy toy, SteeringPlan plan, Key key) {
        var what = new ArrayList<>(
                toy.moments().stream().map(ExactToy.Moment::name).toList());
        what.add("evidence");
        examine(toy.name() + ", " + plan, what, run -> deviations(toy, plan, run), key);
    }

    /**
     * Runs anything many times, and notes the findings.
     *
     * @param what is tested of each run, by name
     * @param deviations of one run, one for each of these, all of mean zero if nothing is wrong
     */
    public void examine(String name, List<String> what, Function<Key, double[]> deviations, Key key) {
        int m = what.size();
        var sum = new double[m];
        var squares = new double[m];
        for (int r = 0; r < runs; r++) {
            var d = deviations.apply(key.at(r));
            for (int j = 0; j < m; j++) {
                sum[j] += d[j];
                squares[j] += d[j] * d[j];
            }
        }
        for (int j = 0; j < m; j++) {
            double mean = sum[j] / runs;
            double sd = Math.sqrt((squares[j] / runs - mean * mean) * runs / (runs - 1));
            findings.add(new Finding(name + ": " + what.get(j), mean / (sd / Math.sqrt(runs))));
        }
    }

    private static double[] deviations(ExactToy toy, SteeringPlan plan, Key key) {
        try (var run = SmcRun.start(toy.kernel(), toy.objective(), plan, key)) {
            run.finish();
            var weights = run.snapshot().ledger().weights().toArray();
            var x = run.snapshot().population();
            var moments = toy.moments();
            var d = new double[moments.size() + 1];
            for (int i = 0; i < weights.length; i++) {
                double w = Math.exp(weights[i] - toy.logZ()) / weights.length;
                for (int j = 0; j < moments.size(); j++) {
                    d[j] += w
                            * (moments.get(j).f().applyAsDouble(x.get(i))
                                    - moments.get(j).expected());
                }
                d[moments.size()] += w;
            }
            d[moments.size()] -= 1;
            return d;
        }
    }

    /** The findings that a false-alarm rate of {@link #FALSE_ALARM} over all of them (Bonferroni) does not allow. */
    public List<Finding> rejected() {
        double limit = -new NormalDistribution().inverseCumulativeProbability(FALSE_ALARM / 2 / findings.size());
        return findings.stream().filter(f -> !(Math.abs(f.z()) <= limit)).toList();
    }

    int tests() {
        return findings.size();
    }

    /** All findings as one: a small bias that all share shows here first. Standard normal where they are independent. */
    double pooled(String what) {
        var own = findings.stream().filter(f -> f.what().endsWith(what)).toList();
        return own.stream().mapToDouble(Finding::z).sum() / Math.sqrt(own.size());
    }

    /** Mean square of the findings, about 1: far less would say that the tests could not see anything. */
    double meanSquare() {
        return findings.stream().mapToDouble(f -> f.z() * f.z()).average().orElseThrow();
    }
}
