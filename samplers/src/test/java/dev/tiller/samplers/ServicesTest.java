// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code tiller parity} finds on the class path handles every reference that lies here, and nothing fails. */
class ServicesTest {
    @Test
    void everyReferenceModelHasItsCase() {
        var report = Parity.run(List.of(Path.of("src", "test", "resources", "golden", "models")));
        assertTrue(report.passed(), report.table());
        assertTrue(report.sections().size() >= 12, report.table());
        assertEquals(0, Tensor.alive());
    }
}
