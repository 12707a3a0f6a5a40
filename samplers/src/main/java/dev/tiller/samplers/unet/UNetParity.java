// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.parity.Golden;
import dev.tiller.parity.GradientParity;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The conditional UNet's forward pass, and its gradients by sample and prompt, in float32 on the CPU. */
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
                try (var scope = Scope.open()) {
                    var inputs = new TreeMap<String, Tensor>();
                    for (var name : call.inputs()) {
                        var full = call.prefix() + "in." + name;
                        inputs.put(name, scope.adopt(Tensor.of(golden.floats(full), golden.shape(full))));
                    }
                    report.compare(golden, call.prefix() + "out.sample", sample(unet, inputs));
                    GradientParity.compare(golden, call, report, inputs, x -> Map.of("sample", sample(unet, x)));
                }
            }
        }
    }

    private static Tensor sample(UNet unet, Map<String, Tensor> inputs) {
        try (var prompt = unet.prepare(new UNet.Prompt(
                input(inputs, "encoder_hidden_states"),
                inputs.get("timestep_cond"),
                inputs.get("text_embeds"),
                inputs.get("time_ids")))) {
            return unet.forward(input(inputs, "sample"), input(inputs, "timestep"), prompt);
        }
    }

    private static Tensor input(Map<String, Tensor> inputs, String name) {
        return Objects.requireNonNull(inputs.get(name), name);
    }
}
