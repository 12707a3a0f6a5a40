// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.smc.Key;
import dev.tiller.tensor.Checkpointing;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code dno}: all noises of a stochastic sampler climb the reward (Tang et al. 2024). */
final class Dno extends AscentMethod {
    @Override
    public String name() {
        return "dno";
    }

    @Override
    public String summary() {
        return "Direct noise optimisation: the noises of all steps climb the reward's gradient, and stay like noise.";
    }

    /** As published, but for the number of steps, which is what one iteration costs. */
    @Override
    public Map<String, Object> presets() {
        var presets = new LinkedHashMap<>(AscentOptions.dno());
        presets.put(RunPlan.STEPS.name(), 20);
        presets.put(RunPlan.PARTICLES.name(), 1);
        presets.put(AscentOptions.ITERATIONS.name(), 20);
        return presets;
    }

    @Override
    NoiseToLatents map(Prepared on, Key key) {
        return NoiseToLatents.ofAll(on.sampler(), Checkpointing.AUTO);
    }
}
