// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows that native memory stays flat: resident memory (Linux) and living tensors during 500 passes of a UNet. */
public final class UNetMemory {
    private UNetMemory() {}

    /** Arguments: the UNet's folder, the number of rows, the size of the latents. Run with a small -Xmx. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        UNetConfig config = UNetConfig.of(ModelConfig.read(folder.resolve("config.json")));
        int size = Integer.parseInt(args[2]);
        try (var weights = MappedWeights.open(WeightFiles.in(folder), DType.FLOAT32, Device.CPU);
                var unet = UNet.load(weights, config);
                var scope = Scope.open();
                var prompt = unet.prepare(Kernels.randn(1, 1, 77, config.contextChannels()))) {
            Tensor x = Kernels.randn(2, Integer.parseInt(args[1]), config.inChannels(), size, size);
            for (int step = 0; step <= 500; step++) {
                try (var inner = Scope.open()) {
                    unet.forward(x, Tensor.of(new float[] {step}, 1), prompt);
                    if (step % 50 == 0) {
                        System.out.println("step " + step + ": " + resident() + ", " + Tensor.alive()
                                + " tensors alive, " + inner.size() + " + " + scope.size() + " in scopes");
                    }
                }
            }
        }
        System.out.println("closed: " + Tensor.alive() + " tensors alive");
    }

    private static String resident() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS")).findFirst().orElse("?");
        }
    }
}
