// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.RowwiseMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Scanner;

/**
 * The Java side of {@code tools/bench/vjp_vs_diffusers.py}: forward and backward passes by the sample, on request. A request
 * is a line {@code batch size repeats}; the answer is one line with the milliseconds of each, wall clock and CPU time of this
 * thread, and then the process's peak of resident memory in MB.
 */
public final class VjpBench {
    private VjpBench() {}

    /** Arguments: the UNet's folder, the compute type, ON, OFF or AUTO. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        UNetConfig config = UNetConfig.of(ModelConfig.read(folder.resolve("config.json")));
        var checkpointing = Checkpointing.valueOf(args[2]);
        try (var weights = MappedWeights.open(WeightFiles.in(folder), DType.parse(args[1]), Device.CPU);
                var unet = UNet.load(weights, config);
                var workers = new Workers(Engine.threads());
                var requests = new Scanner(System.in, StandardCharsets.UTF_8)) {
            System.out.println("ready, libtorch " + Engine.version() + ", " + Engine.threads() + " threads");
            while (requests.hasNextInt()) {
                System.out.println(answer(
                        unet, workers, checkpointing, requests.nextInt(), requests.nextInt(), requests.nextInt()));
            }
        }
    }

    private static String answer(
            UNet unet, Workers workers, Checkpointing checkpointing, int batch, int size, int repeats)
            throws IOException {
        UNetConfig config = unet.config();
        var answer = new StringBuilder();
        try (var scope = Scope.open();
                var prompt = unet.prepare(Kernels.randn(1, 1, 77, config.contextChannels()))) {
            Tensor sample = Kernels.randn(2, batch, config.inChannels(), size, size);
            Tensor cotangent = Kernels.randn(3, batch, config.outChannels(), size, size);
            Tensor time = Tensor.of(new float[] {500}, 1);
            var map =
                    new RowwiseMap(new RecordedMap(x -> unet.forward(x, time, prompt), checkpointing), workers, batch);
            var threads = ManagementFactory.getThreadMXBean();
            for (int i = 0; i < repeats; i++) {
                long cpu = threads.getCurrentThreadCpuTime();
                long wall = System.nanoTime();
                try (var tape = map.tape(sample)) {
                    tape.pull(cotangent).close();
                }
                answer.append(String.format(
                        Locale.ROOT,
                        "%.3f/%.3f ",
                        (System.nanoTime() - wall) / 1e6,
                        (threads.getCurrentThreadCpuTime() - cpu) / 1e6));
            }
            if (scope.size() != 4) {
                throw new IllegalStateException("tensors are left over: " + scope.size());
            }
        }
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            var peak =
                    lines.filter(line -> line.startsWith("VmHWM")).findFirst().orElseThrow();
            return answer.append(Long.parseLong(peak.replaceAll("\\D", "")) / 1024)
                    .toString();
        }
    }
}
