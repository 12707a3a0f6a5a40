// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.samplers.scheduler.Combination;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddYourOwnSamplerTest {
    private static final List<Combination> INGREDIENTS =
            List.of(Combination.SAMPLE, Combination.OUTPUT, Combination.CLEAN, Combination.NOISE);

    @Test
    void withTheSameNoiseAtEveryStepItIsDdim() {
        var folder = ModelLocator.ofEnvironment(Map.of()).locate("scenes");
        var checkpoint = SchedulerConfig.read(folder.resolve("scheduler").resolve("scheduler_config.json"));
        for (double eta : new double[] {0, 0.7, 1}) {
            var ddim = checkpoint.withSolver("ddim").plan(10, eta);
            var own = AddYourOwnSampler.plan(checkpoint, 10, i -> eta);
            for (int i = 0; i < 10; i++) {
                for (var ingredient : INGREDIENTS) {
                    assertEquals(
                            ddim.step(i).next().of(ingredient),
                            own.step(i).next().of(ingredient),
                            1e-9);
                    assertEquals(
                            ddim.step(i).clean().of(ingredient),
                            own.step(i).clean().of(ingredient),
                            1e-9);
                }
            }
        }
    }

    @Test
    void particlesAreSteeredUnderIt() {
        var rewards = AddYourOwnSampler.run(3, 5);
        assertTrue(Arrays.stream(rewards).allMatch(Double::isFinite));
        assertEquals(3, Arrays.stream(rewards).distinct().count());
        assertEquals(0, Tensor.alive());
    }
}
