// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.parity.Parity;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerParityTest {
    private static final Path GOLDENS = Path.of("src", "test", "resources", "golden", "schedulers");

    @Test
    void trajectoriesEqualTheReferences() {
        var report = new Parity(List.of(new SchedulerParity())).over(List.of(GOLDENS));
        assertTrue(report.passed(), report.table());
        assertEquals(30, report.sections().size());
        assertEquals(0, Tensor.alive());
    }

    /** The library saves what differs from its defaults, or everything: both mean the same. */
    @Test
    void configurationsWrittenOutInFullAreTheSame() throws IOException {
        try (var folders = Files.list(GOLDENS)) {
            for (var folder : folders.sorted().toList()) {
                var golden = Golden.read(folder);
                var request = golden.meta().path("set_timesteps_kwargs").has("mu")
                        ? Request.steps(8).mu(0.5)
                        : Request.steps(8);
                var brief = SchedulerConfig.read(golden.file("scheduler_config.json"));
                var full = SchedulerConfig.of(ModelConfig.of(
                                golden.name(), golden.meta().path("full_config").toString())
                        .with("_class_name", brief.className()));
                var expected = brief.plan(request);
                var got = full.plan(request);
                assertArrayEquals(expected.timesteps(), got.timesteps(), golden.name());
                for (int i = 0; i < expected.steps().size(); i++) {
                    assertEquals(expected.step(i).toString(), got.step(i).toString(), golden.name());
                }
            }
        }
    }
}
