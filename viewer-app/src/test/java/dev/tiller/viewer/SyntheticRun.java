// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent.Ascended;
import dev.tiller.run.RunEvent.HeldOut;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunListener;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** A run that never was: particles drift towards a red disc beside a blue square, the better ones are copied. */
public final class SyntheticRun implements Pictures {
    static final String PROMPT = "a photo of a red circle & a <blue> square";

    private final Random random;
    /** Of its own, so that places change nothing else. */
    private final Random wind;

    private double[][] sketches;
    private final String method;
    private final String reward;
    private final int particles;
    private final int steps;
    private final int side;
    private final Map<String, byte[]> pictures = new HashMap<>();

    public SyntheticRun(String method, String reward, int particles, int steps, int side, long seed) {
        this.method = method;
        this.reward = reward;
        this.particles = particles;
        this.steps = steps;
        this.side = side;
        this.random = new Random(seed);
        this.wind = new Random(seed);
        this.sketches = new double[particles][32];
    }

    @Override
    public Optional<byte[]> find(String sha256) {
        return Optional.ofNullable(pictures.get(sha256));
    }

    /** Particles are blown along the first axis, and less and less apart. */
    private Located located(int step) {
        for (int i = 0; i < sketches.length; i++) {
            sketches[i] = sketches[i].clone();
            for (int k = 0; k < 32; k++) {
                sketches[i][k] += 0.3 * wind.nextGaussian() / (1 + k) / (1 + 0.1 * step) + (k == 0 ? 2.0 / steps : 0);
            }
        }
        return new Located(step, sketches.clone());
    }

    /** Noises that climb; if the reward is gamed, the held-out verifier falls from the middle on. */
    public void ascend(RunListener listener, boolean gamed) {
        var plan = new LinkedHashMap<String, Object>(Map.of("method", method, "reward", reward));
        listener.on(new RunStarted(
                new RunManifest(PROMPT, 7, plan, List.of(), Map.of("tiller", "0.1.0"), "cpu"), steps, particles));
        var start = random.doubles(particles, -1, 1).toArray();
        var best = new double[particles];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        for (int step = 0; step < steps; step++) {
            double done = (step + 1.0) / steps;
            var clip = IntStream.range(0, particles)
                    .mapToDouble(i -> start[i] + 2 * done + 0.1 * random.nextGaussian())
                    .toArray();
            var aesthetic = IntStream.range(0, particles)
                    .mapToDouble(i -> 5 + done + 0.1 * random.nextGaussian())
                    .toArray();
            var verifier = IntStream.range(0, particles)
                    .mapToDouble(i -> (gamed ? -3 * Math.max(0, done - 0.5) : 0) + 0.1 * random.nextGaussian())
                    .toArray();
            var total = IntStream.range(0, particles)
                    .mapToDouble(i -> clip[i] + 0.1 * aesthetic[i])
                    .toArray();
            boolean last = step == steps - 1;
            var norms = IntStream.range(0, particles)
                    .mapToDouble(i -> last ? Double.NaN : Math.exp(-3 * done) * (1 + 0.1 * i))
                    .toArray();
            var priors = IntStream.range(0, particles)
                    .mapToDouble(i -> 0.2 * done * (1 + 0.1 * i))
                    .toArray();
            listener.on(located(step));
            listener.on(new StepDone(step, new double[particles], particles, Double.NaN, cost(step + 1, step + 1)));
            for (int i = 0; i < particles && (step % 10 == 0 || last); i++) {
                listener.on(new Previewed(step, i, picture(i, clip[i], 1), Stage.CLEAN));
            }
            var parts = new LinkedHashMap<String, double[]>();
            parts.put("clip", clip);
            parts.put("aesthetic", aesthetic);
            listener.on(new Scored(step, total, parts, new double[particles], particles));
            listener.on(new HeldOut(step, Map.of("verifier", verifier)));
            listener.on(new Ascended(step, norms, priors));
            for (int i = 0; i < particles; i++) {
                best[i] = Math.max(best[i], total[i]);
            }
        }
        for (int i = 0; i < particles; i++) {
            listener.on(new Previewed(steps - 1, i, picture(i, best[i], 1), Stage.FINAL));
        }
        var order = IntStream.range(0, particles)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -best[i]))
                .mapToInt(i -> i)
                .toArray();
        listener.on(new RunEnded(new Outcome.Completed(), order, Double.NaN, cost(steps, steps)));
    }

    public void run(RunListener listener) {
        var plan = new LinkedHashMap<String, Object>();
        plan.put("negative", "");
        plan.put("method", method);
        plan.put("particles", particles);
        plan.put("steps", steps);
        plan.put("reward", reward);
        plan.put("lambda", 10.0);
        plan.put("ess-threshold", 0.5);
        var weights = List.of(new WeightFile("unet/diffusion_pytorch_model.safetensors", 1234, "ab".repeat(32)));
        listener.on(new RunStarted(
                new RunManifest(PROMPT, 7, plan, weights, Map.of("tiller", "0.1.0"), "cpu"), steps, particles));
        boolean steered = method.equals("fk");
        var quality = random.doubles(particles, -1, 1).toArray();
        var logWeights = new double[particles];
        for (int step = 0; step < steps; step++) {
            boolean last = step == steps - 1;
            double drift = 2.0 / steps;
            for (int i = 0; i < particles; i++) {
                quality[i] += drift * random.nextGaussian() + drift;
            }
            listener.on(located(step));
            listener.on(new StepDone(step, logWeights.clone(), ess(logWeights), 0, cost(step + 1, step / 10)));
            if (!last && !(steered && step % 10 == 9)) {
                continue;
            }
            for (int i = 0; i < particles; i++) {
                logWeights[i] += 1.5 * quality[i];
                listener.on(new Previewed(step, i, picture(i, quality[i], (step + 1.0) / steps), Stage.CLEAN));
                listener.on(new Previewed(step, i, snow(i, (step + 1.0) / steps), Stage.NOISY));
            }
            var rewards = Arrays.stream(quality).map(q -> 20 + 2 * q).toArray();
            double ess = ess(logWeights);
            listener.on(new Scored(step, rewards, Map.of(reward, rewards), logWeights.clone(), ess));
            if (!last && ess < 0.7 * particles) {
                var ancestors = systematic(logWeights);
                sketches = IntStream.of(ancestors).mapToObj(a -> sketches[a]).toArray(double[][]::new);
                quality = IntStream.of(ancestors).mapToDouble(at(quality)).toArray();
                logWeights = new double[particles];
                listener.on(new Resampled(step, ancestors, logWeights.clone(), ess));
            }
        }
        var end = quality;
        for (int i = 0; i < particles; i++) {
            listener.on(new Previewed(steps - 1, i, picture(i, end[i], 1), Stage.FINAL));
        }
        int[] order = IntStream.range(0, particles)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -end[i]))
                .mapToInt(i -> i)
                .toArray();
        listener.on(new RunEnded(new Outcome.Completed(), order, steered ? 1.25 : Double.NaN, cost(steps, steps / 10)));
    }

    private static java.util.function.IntToDoubleFunction at(double[] values) {
        return i -> values[i];
    }

    private Cost cost(int stepsDone, int scorings) {
        return new Cost(2L * particles * stepsDone, (long) particles * scorings, (long) particles * scorings, 0);
    }

    private static double[] weights(double[] logWeights) {
        double max = Arrays.stream(logWeights).max().orElseThrow();
        double sum = Arrays.stream(logWeights).map(w -> Math.exp(w - max)).sum();
        return Arrays.stream(logWeights).map(w -> Math.exp(w - max) / sum).toArray();
    }

    private static double ess(double[] logWeights) {
        return 1 / Arrays.stream(weights(logWeights)).map(w -> w * w).sum();
    }

    private int[] systematic(double[] logWeights) {
        var weights = weights(logWeights);
        var ancestors = new int[weights.length];
        double u = random.nextDouble();
        double sum = 0;
        for (int i = 0, j = 0; i < weights.length; i++) {
            for (sum += weights[i] * weights.length; j < weights.length && u + j < sum; j++) {
                ancestors[j] = i;
            }
        }
        return ancestors;
    }

    private String picture(int slot, double quality, double clarity) {
        var rgb = new byte[3 * side * side];
        double edge = 0.05 + 0.6 * (1 - clarity);
        double good = 1 / (1 + Math.exp(-2 * quality));
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double u = (double) x / side;
                double v = (double) y / side;
                double disc = soft(0.18 - Math.hypot(u - 0.3, v - 0.45 - 0.02 * slot), edge);
                double square = soft(0.15 - Math.max(Math.abs(u - 0.72), Math.abs(v - 0.55)), edge) * good;
                double noise = 12 * (1 - clarity) * random.nextGaussian();
                double[] colour = {235 - 20 * v, 230 - 10 * v, 220};
                for (int c = 0; c < 3; c++) {
                    double value = colour[c] + disc * ((c == 0 ? 200 : 50) - colour[c]);
                    value += square * ((c == 2 ? 200 : 60) - value);
                    rgb[3 * (y * side + x) + c] = (byte) Math.max(0, Math.min(255, value + noise));
                }
            }
        }
        var png = Png.encode(new Picture(side, side, rgb), Map.of());
        var sha256 = RunFolder.sha256(png);
        pictures.put(sha256, png);
        return sha256;
    }

    /** A small picture of mere noise, calmer towards the end. */
    private String snow(int slot, double clarity) {
        var rgb = new byte[3 * 16 * 16];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.max(0, Math.min(255, 150 + 5 * slot + 120 * (1.1 - clarity) * wind.nextGaussian()));
        }
        var png = Png.encode(new Picture(16, 16, rgb), Map.of());
        var sha256 = RunFolder.sha256(png);
        pictures.put(sha256, png);
        return sha256;
    }

    private static double soft(double distance, double edge) {
        return 1 / (1 + Math.exp(-12 * distance / edge / 2));
    }
}
