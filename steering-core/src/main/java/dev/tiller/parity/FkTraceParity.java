// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import dev.tiller.run.TillerException;
import dev.tiller.smc.Ancestry;
import dev.tiller.smc.Ledger;
import dev.tiller.smc.LogWeights;
import dev.tiller.smc.Reference2025;
import dev.tiller.smc.ScoringSchedule;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Replays the traces of the authors' Feynman-Kac class: rewards and noise are the recorded ones, ancestors are forced
 * where the reference drew them (its generator is not ours), and everything else is computed by {@link Reference2025}.
 */
public final class FkTraceParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("fk");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var replay = new Replay(golden);
        replay.run();
        replay.traces.forEach((name, trace) -> report.compare(golden, name, trace.values, trace.shape));
    }

    /** A tensor being filled, one row for each step. */
    private record Trace(double[] values, long... shape) {
        static Trace of(long[] shape) {
            var values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            Arrays.fill(values, Double.NaN);
            return new Trace(values, shape);
        }

        void put(int row, double... rowValues) {
            System.arraycopy(rowValues, 0, values, row * rowValues.length, rowValues.length);
        }
    }

    private static final class Replay {
        private final Golden golden;
        private final Map<String, Trace> traces = new LinkedHashMap<>();
        private final Reference2025 rule;
        private final double lambda;
        private final int particles;
        private final int steps;
        private final int recorded;
        private final int width;
        private final double[] noise;
        private final double[] rewards;
        private final double[] ancestors;
        private Ledger ledger;

        Replay(Golden golden) {
            this.golden = golden;
            // Steps without a value are NaN, and so are tensors without any.
            golden.results().keySet().forEach(name -> traces.put(name, Trace.of(golden.shape(name))));
            var p = golden.meta().path("parameters");
            rule = new Reference2025(
                    Reference2025.Rule.valueOf(p.path("potential_type").asText().toUpperCase(Locale.ROOT)),
                    p.path("adaptive_resampling").asBoolean(),
                    golden.className().startsWith("discrete_diffusion"),
                    p.path("adaptive_resample_at_end").asBoolean(),
                    (float) p.path("reward_min_value").asDouble());
            lambda = p.path("lmbda").asDouble();
            particles = p.path("num_particles").asInt();
            steps = p.path("time_steps").asInt();
            recorded = (int) golden.shape("rewards")[0];
            width = (int) golden.shape("noise")[2];
            noise = golden.doubles("noise");
            rewards = golden.doubles("rewards");
            ancestors = golden.doubles("indices");
            ledger = rule.open(particles);
        }

        void run() {
            var p = golden.meta().path("parameters");
            var schedule = new ScoringSchedule(
                    p.path("resampling_t_start").asInt(),
                    p.path("resampling_t_end").asInt(),
                    p.path("resample_frequency").asInt());
            boolean weighsEarly = rule.rule() != Reference2025.Rule.BON && rule.rule() != Reference2025.Rule.IS;
            var x = Arrays.copyOf(noise, particles * width);
            for (int step = 0; step < recorded; step++) {
                boolean last = step == steps - 1;
                var latents = move(step, x);
                var clean = Arrays.stream(latents).map(clean(step)).toArray();
                put("pre_latents", step, latents);
                put("x0", step, clean);
                put("population_rs_before", step, held());
                put("product_before", step, products());
                boolean evaluated = last || (weighsEarly && schedule.scores(step, steps));
                put("evaluated", step, evaluated ? 1 : 0);
                var from = IntStream.range(0, particles).toArray();
                boolean resampled = false;
                if (evaluated) {
                    resampled = weigh(step, clean, last);
                    if (resampled) {
                        from = IntStream.range(step * particles, (step + 1) * particles)
                                .map(i -> (int) ancestors[i])
                                .toArray();
                        ledger = rule.descend(ledger, new Ancestry(from, LogWeights.equal(particles, 0)));
                    } else {
                        ledger = rule.kept(ledger);
                    }
                }
                // Best of n returns the samples in order of reward, and says nothing of it in its indices.
                x = gather(latents, evaluated && rule.rule() == Reference2025.Rule.BON ? bestFirst(step) : from);
                put("resampled", step, resampled ? 1 : 0);
                put("indices", step, Arrays.stream(from).asDoubleStream().toArray());
                put("population_rs", step, held());
                put("product_of_potentials", step, products());
                put("latents", step, x);
            }
        }

        private void put(String tensor, int row, double... values) {
            traces.computeIfAbsent(tensor, name -> Trace.of(golden.shape(name))).put(row, values);
        }

        /** The toy's dynamics, in meta.json. */
        private double[] move(int step, double[] x) {
            int from = (step + 1) * x.length;
            return IntStream.range(0, x.length)
                    .mapToDouble(i -> 0.95 * x[i] + 0.35 * noise[from + i] * (1 - step / (double) steps))
                    .toArray();
        }

        private DoubleUnaryOperator clean(int step) {
            return latent -> latent * (0.5 + 0.5 * (step + 1) / steps);
        }

        private boolean weigh(int step, double[] clean, boolean last) {
            var given = Arrays.copyOfRange(rewards, step * particles, (step + 1) * particles);
            put("rewards", step, reward(clean, given));
            var candidates = IntStream.range(0, particles)
                    .mapToDouble(i -> rule.candidate((float) held()[i], (float) given[i]))
                    .toArray();
            put("rs_candidates", step, candidates);
            boolean weighs = rule.rule() != Reference2025.Rule.BON;
            if (weighs) {
                put("w_before_clamp", step, doubles(rule.unclamped(given, lambda, last, ledger)));
                put("w", step, doubles(rule.weights(given, lambda, last, ledger)));
            }
            ledger = rule.paid(step, given, lambda, last, ledger);
            put(
                    "ess",
                    step,
                    weighs && !ledger.weights().allZero() ? ledger.weights().ess() : Double.NaN);
            var failure = golden.meta().path("exception");
            boolean fails = failure.path("step").asInt(-1) == step;
            try {
                boolean resampled = rule.resamples(ledger.weights(), last);
                if (fails) {
                    throw new IllegalStateException("the reference failed at step " + step + ", the replay did not");
                }
                return resampled;
            } catch (TillerException e) {
                if (!fails) {
                    throw e;
                }
                ledger = rule.open(particles);
                return false;
            }
        }

        /** The toy's reward, in meta.json; failures were injected and are as recorded. */
        private double[] reward(double[] clean, double[] given) {
            String formula = golden.meta().path("reward").asText();
            var result = new double[particles];
            for (int i = 0; i < particles; i++) {
                var row = Arrays.copyOfRange(clean, i * width, (i + 1) * width);
                double squares = Arrays.stream(row).map(v -> v * v).average().orElseThrow();
                double value = switch (formula) {
                    case "1.5 - mean((x0-0.4)^2)" ->
                        1.5
                                - Arrays.stream(row)
                                        .map(v -> (v - 0.4) * (v - 0.4))
                                        .average()
                                        .orElseThrow();
                    case "-200-mean(x0^2)" -> -200 - squares;
                    case "6 + 2*sum(x0)" -> 6 + 2 * Arrays.stream(row).sum();
                    case "0.7" -> 0.7;
                    case "1-mean(x0^2) with nan/-inf injected" -> 1 - squares;
                    default ->
                        throw new TillerException("The reward '" + formula + "' of " + golden + " is not known.");
                };
                result[i] = Double.isFinite(given[i]) ? value : given[i];
            }
            return result;
        }

        private int[] bestFirst(int step) {
            return IntStream.range(0, particles)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -rewards[step * particles + i]))
                    .mapToInt(i -> i)
                    .toArray();
        }

        private double[] held() {
            return ledger.accounts().stream()
                    .mapToDouble(a -> a.path().current())
                    .toArray();
        }

        private double[] products() {
            return ledger.accounts().stream().mapToDouble(a -> a.spent()).toArray();
        }

        private double[] gather(double[] latents, int[] from) {
            return Arrays.stream(from)
                    .flatMap(i -> IntStream.range(i * width, (i + 1) * width))
                    .mapToDouble(i -> latents[i])
                    .toArray();
        }

        private static double[] doubles(float[] values) {
            return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
        }
    }
}
