// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerParityTest {
    @Test
    void trajectoriesEqualTheReferences() {
        var report = new Parity(List.of(new SchedulerParity()))
                .over(List.of(Path.of("src", "test", "resources", "golden", "schedulers")));
        assertTrue(report.passed(), report.table());
        assertEquals(30, report.sections().size());
        assertEquals(0, Tensor.alive());
    }
}
