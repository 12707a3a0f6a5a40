// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.potentials.combine.Several.Combination;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * {@code standardised(of="clip; hps", weights="1; 2")}: each reward less its mean and over its deviation, then summed, so
 * that a 0–10 judge and a cosine count alike. Mean and deviation are those of a calibration ({@code
 * scale="21:2; 0.27:0.02"}, as {@code tiller score} over pictures of the model shows them), or else of all values seen in
 * the run so far, this scoring included.
 */
public final class StandardisedProvider extends CombinationProvider {
    public StandardisedProvider() {
        super(
                "standardised",
                "weighted sum of rewards, each in deviations from its mean",
                "deviations",
                new Option("of", "rewards with ; between them", "must be given"),
                new Option("weights", "one for each", "all 1"),
                new Option("scale", "mean:deviation of each, from a calibration", "online, over all that was seen"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var of = Several.list(request, info().name(), "of");
        int n = of.size();
        var weights = new double[n];
        Arrays.fill(weights, 1);
        if (!request.option("weights", "").isEmpty()) {
            weights = numbers(Several.list(request, info().name(), "weights"), n, "weights");
        }
        var running = new Running[n];
        Arrays.setAll(running, k -> new Running());
        var scale = request.option("scale", "");
        if (!scale.isEmpty()) {
            var parts = Several.list(request, info().name(), "scale").stream()
                    .map(p -> p.split(":", 2))
                    .toList();
            if (parts.stream().anyMatch(p -> p.length < 2)) {
                throw new TillerException(
                        "The option scale of standardised wants mean:deviation of each reward, such as"
                                + " scale=\"21:2; 0.27:0.02\", not '" + scale + "'.");
            }
            var means = numbers(parts.stream().map(p -> p[0]).toList(), n, "scale");
            var deviations = numbers(parts.stream().map(p -> p[1]).toList(), n, "scale");
            Arrays.setAll(running, k -> Running.fixed(means[k], deviations[k]));
        }
        return Several.of(info(), of, request, new Standardised(weights, running));
    }

    private record Standardised(double[] weights, Running[] running) implements Combination {
        @Override
        public Scores of(double[][] values) {
            var total = new double[values[0].length];
            for (int k = 0; k < weights.length; k++) {
                running[k].add(values[k]);
                for (int i = 0; i < total.length && weights[k] != 0; i++) {
                    total[i] += weights[k] * running[k].standard(values[k][i]);
                }
            }
            return new Scores(total, Map.of());
        }

        @Override
        public double[] memory() {
            return Arrays.stream(running)
                    .filter(r -> !r.fixed)
                    .flatMapToDouble(r -> DoubleStream.of((double) r.n, r.mean, r.squares))
                    .toArray();
        }

        @Override
        public void remember(double[] memory) {
            for (int k = 0; 3 * k < memory.length; k++) {
                running[k].n = (long) memory[3 * k];
                running[k].mean = memory[3 * k + 1];
                running[k].squares = memory[3 * k + 2];
            }
        }
    }

    private static double[] numbers(List<String> texts, int n, String key) {
        try {
            var numbers = texts.stream()
                    .mapToDouble(t -> Double.parseDouble(t.strip()))
                    .toArray();
            if (numbers.length == n && Arrays.stream(numbers).allMatch(Double::isFinite)) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException("The option " + key + " of standardised wants " + n
                + " numbers with ; between them, one for each reward.");
    }

    /** Mean and deviation so far (Welford 1962), or fixed ones. */
    private static final class Running {
        private long n;
        private double mean;
        private double squares;
        private boolean fixed;

        static Running fixed(double mean, double deviation) {
            if (deviation <= 0) {
                throw new TillerException("A deviation of " + deviation + " cannot be divided by.");
            }
            var running = new Running();
            running.n = 1;
            running.mean = mean;
            running.squares = deviation * deviation;
            running.fixed = true;
            return running;
        }

        void add(double[] values) {
            for (double x : values) {
                if (!fixed && Double.isFinite(x)) {
                    n++;
                    double d = x - mean;
                    mean += d / n;
                    squares += d * (x - mean);
                }
            }
        }

        double standard(double x) {
            return squares == 0 ? (Double.isNaN(x) ? x : 0) : (x - mean) / Math.sqrt(squares / n);
        }
    }
}
