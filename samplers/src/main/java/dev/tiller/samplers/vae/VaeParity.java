// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.List;

/** Both halves of an autoencoder, without scaling, in float32 on the CPU. */
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
                    if (golden.has(call.prefix() + "in.latent")) {
                        var image = decoder.forward(input(golden, call, "latent"));
                        report.compare(golden, call.prefix() + "out.image", scope.adopt(image));
                    } else {
                        encode(golden, report, call, encoder.forward(input(golden, call, "pixels")));
                    }
                }
            }
        }
    }

    private static void encode(Golden golden, ParityReport report, Golden.Case call, Tensor encoded) {
        if (call.outputs().contains("latent")) {
            report.compare(golden, call.prefix() + "out.latent", encoded);
            return;
        }
        int channels = encoded.dim(1) / 2;
        report.compare(golden, call.prefix() + "out.moments", encoded);
        report.compare(golden, call.prefix() + "out.mean", encoded.slice(1, 0, channels));
        var logVariance = encoded.slice(1, channels, 2L * channels).clamp(-30, 20);
        report.compare(golden, call.prefix() + "out.std", logVariance.times(0.5).exp());
    }

    private static Tensor input(Golden golden, Golden.Case call, String name) {
        var full = call.prefix() + "in." + name;
        return Tensor.of(golden.floats(full), golden.shape(full));
    }
}
