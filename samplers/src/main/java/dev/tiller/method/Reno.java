// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.smc.Key;
import dev.tiller.tensor.Checkpointing;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code reno}: the initial noise of a model of few steps climbs the reward (Eyring et al. 2024). */
final class Reno extends AscentMethod {
    @Override
    public String name() {
        return "reno";
    }

    @Override
    public String summary() {
        return "Noise optimisation: the first noise climbs the reward's gradient through the whole sampler.";
    }

    /** One step without noise of its own, as published. */
    @Override
    public Map<String, Object> presets() {
        var presets = new LinkedHashMap<String, Object>(AscentOptions.reno());
        presets.put(RunPlan.MODEL.name(), "scenes-turbo");
        presets.put(RunPlan.STEPS.name(), 1);
        presets.put(RunPlan.GUIDANCE.name(), 1);
        presets.put(RunPlan.ETA.name(), 0);
        presets.put(RunPlan.PARTICLES.name(), 4);
        return presets;
    }

    /** Noise that the sampler draws on its way is the same for all, so that the ascents differ in their start alone. */
    @Override
    NoiseToLatents map(Prepared on, Key key) {
        return NoiseToLatents.ofStart(on.sampler(), on.stepNoises(key), Checkpointing.AUTO);
    }
}
