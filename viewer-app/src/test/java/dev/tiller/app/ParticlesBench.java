// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Audience;
import dev.tiller.method.LoadedModel;
import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;

/**
 * Seconds per particle of a steered run with few and with many particles, once everything is loaded and warm: {@code
 * ParticlesBench [ROUNDS] [STEPS]}. Numbers of particles take turns in one process.
 */
public final class ParticlesBench {
    private static final int[] PARTICLES = {4, 16, 64};

    private ParticlesBench() {}

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        int steps = args.length > 1 ? Integer.parseInt(args[1]) : 20;
        var plan = RunPlan.of("a photo of a red circle and a blue square").with(RunPlan.STEPS, steps);
        var seconds = new LinkedHashMap<Integer, double[]>();
        var processor = new LinkedHashMap<Integer, double[]>();
        try (var model = LoadedModel.load(
                plan, ModelLocator.ofEnvironment(System.getenv()), RewardCatalogue.load(Images.class))) {
            for (int round = -1; round < rounds; round++) {
                for (int n : PARTICLES) {
                    long work = processorNanos();
                    long begin = System.nanoTime();
                    run(model, plan.with(RunPlan.PARTICLES, n));
                    if (round >= 0) {
                        seconds.computeIfAbsent(n, k -> new double[rounds])[round] =
                                (System.nanoTime() - begin) / 1e9 / n;
                        processor.computeIfAbsent(n, k -> new double[rounds])[round] =
                                (processorNanos() - work) / 1e9 / n;
                    }
                }
            }
        }
        seconds.forEach((n, each) -> System.out.printf(
                Locale.ROOT,
                "%3d particles: %.3f s a particle [%.3f, %.3f], %.3f s of processor%n",
                n,
                median(each),
                Arrays.stream(each).min().orElseThrow(),
                Arrays.stream(each).max().orElseThrow(),
                median(processor.get(n))));
    }

    private static void run(LoadedModel model, RunPlan plan) {
        try (var prepared = model.prepare(plan);
                var run = prepared.start(Audience.of())) {
            while (run.hasNext()) {
                run.next();
            }
        }
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
