// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import org.jspecify.annotations.Nullable;

/** The conditional UNet's forward pass, in float32 on the CPU. */
public final class UNetParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("models") && golden.className().equals("diffusers.UNet2DConditionModel");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var config = UNetConfig.of(ModelConfig.read(golden.file("config.json")));
        try (var weights = MappedWeights.open(WeightFiles.in(golden.directory()), DType.FLOAT32, Device.CPU);
                var unet = UNet.load(weights, config)) {
            for (var call : golden.cases()) {
                try (var scope = Scope.open();
                        var prompt = unet.prepare(new UNet.Prompt(
                                input(golden, call, "encoder_hidden_states"),
                                optional(golden, call, "timestep_cond"),
                                optional(golden, call, "text_embeds"),
                                optional(golden, call, "time_ids")))) {
                    var y = unet.forward(input(golden, call, "sample"), input(golden, call, "timestep"), prompt);
                    report.compare(golden, call.prefix() + "out.sample", scope.adopt(y));
                }
            }
        }
    }

    private static Tensor input(Golden golden, Golden.Case call, String name) {
        var full = call.prefix() + "in." + name;
        return Tensor.of(golden.floats(full), golden.shape(full));
    }

    private static @Nullable Tensor optional(Golden golden, Golden.Case call, String name) {
        return golden.has(call.prefix() + "in." + name) ? input(golden, call, name) : null;
    }
}
