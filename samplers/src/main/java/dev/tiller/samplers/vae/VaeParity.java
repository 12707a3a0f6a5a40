// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.parity.Golden;
import dev.tiller.parity.GradientParity;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Both halves of an autoencoder, without scaling, and their gradients, in float32 on the CPU. */
public final class VaeParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("models")
                && List.of("diffusers.AutoencoderKL", "diffusers.AutoencoderTiny")
                        .contains(golden.className());
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        try (var decoder = LatentDecoder.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var encoder = LatentEncoder.load(golden.directory(), DType.FLOAT32, Device.CPU)) {
            for (var call : golden.cases()) {
                try (var scope = Scope.open()) {
                    var name = golden.has(call.prefix() + "in.latent") ? "latent" : "pixels";
                    UnaryOperator<Tensor> network = name.equals("latent") ? decoder::forward : encoder::forward;
                    var full = call.prefix() + "in." + name;
                    var input = scope.adopt(Tensor.of(golden.floats(full), golden.shape(full)));
                    outputs(call, network.apply(input))
                            .forEach((output, y) -> report.compare(golden, call.prefix() + "out." + output, y));
                    GradientParity.compare(
                            golden,
                            call,
                            report,
                            Map.of(name, input),
                            inputs -> outputs(call, network.apply(Objects.requireNonNull(inputs.get(name)))));
                }
            }
        }
    }

    private static Map<String, Tensor> outputs(Golden.Case call, Tensor y) {
        if (call.outputs().size() == 1) {
            return Map.of(call.outputs().get(0), y);
        }
        int channels = y.dim(1) / 2;
        var logVariance = y.slice(1, channels, 2L * channels).clamp(-30, 20);
        return Map.of(
                "moments", y,
                "mean", y.slice(1, 0, channels),
                "std", logVariance.times(0.5).exp());
    }
}
