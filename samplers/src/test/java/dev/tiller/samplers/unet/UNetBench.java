// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Scanner;

/**
 * The Java side of {@code tools/bench/unet_vs_diffusers.py}: times forward passes on request. A request is a line {@code
 * batch height prompts repeats}; the answer is one line with the milliseconds of each pass, wall clock and CPU time of
 * this thread. As in a run, the prompt is prepared before, and each core takes a part of the rows; 77 tokens.
 */
public final class UNetBench {
    private UNetBench() {}

    /** Arguments: the UNet's folder, the compute type. */
    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        UNetConfig config = UNetConfig.of(ModelConfig.read(folder.resolve("config.json")));
        try (var weights = MappedWeights.open(WeightFiles.in(folder), DType.parse(args[1]), Device.CPU);
                var unet = UNet.load(weights, config);
                var workers = new Workers(Engine.threads());
                var requests = new Scanner(System.in, StandardCharsets.UTF_8)) {
            System.out.println("ready, libtorch " + Engine.version() + ", " + Engine.threads() + " threads");
            while (requests.hasNextInt()) {
                System.out.println(answer(
                        unet, workers, requests.nextInt(), requests.nextInt(), requests.nextInt(), requests.nextInt()));
            }
        }
    }

    private static String answer(UNet unet, Workers workers, int batch, int size, int prompts, int repeats) {
        UNetConfig config = unet.config();
        var answer = new StringBuilder();
        try (var scope = Scope.open();
                var prompt = unet.prepare(Kernels.randn(1, prompts, 77, config.contextChannels()))) {
            Tensor sample = Kernels.randn(2, batch, config.inChannels(), size, size);
            Tensor time = Tensor.of(new float[] {500}, 1);
            var threads = ManagementFactory.getThreadMXBean();
            for (int i = 0; i < repeats; i++) {
                long cpu = threads.getCurrentThreadCpuTime();
                long wall = System.nanoTime();
                workers.rows(sample, batch, rows -> unet.forward(rows, time, prompt))
                        .close();
                answer.append(String.format(
                        Locale.ROOT,
                        "%.3f/%.3f ",
                        (System.nanoTime() - wall) / 1e6,
                        (threads.getCurrentThreadCpuTime() - cpu) / 1e6));
            }
            if (scope.size() != 3) {
                throw new IllegalStateException("tensors are left over: " + scope.size());
            }
        }
        return answer.toString().strip();
    }
}
