// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenoTraceParityTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/reno");

    @Test
    void everyIterateOfTheReferenceIsReached() {
        int before = Tensor.alive();
        var report = Parity.run(List.of(GOLDEN));
        assertEquals(6, report.sections().size());
        assertTrue(report.passed(), report::table);
        assertEquals(before, Tensor.alive());
    }

    /** The control: one setting changed in the description of the reference, and it no longer agrees. */
    @Test
    void otherSettingsThanTheReferencesAreNoticed(@TempDir Path folder) throws IOException {
        String[][] changes = {
            {"euler_1step_sgd", "\"nesterov\": true", "\"nesterov\": false"},
            {"euler_1step_sgd", "\"momentum\": 0.9", "\"momentum\": 0.899"},
            {"euler_1step_noreg", "\"grad_clip\": 1.0", "\"grad_clip\": 0.03"},
            {"euler_1step_strongreg", "\"regularization_weight\": 1.0", "\"regularization_weight\": 0.999"},
            {"euler_1step_adam", "\"adam_eps\": 0.01", "\"adam_eps\": 0.0101"},
            {"euler_1step_overshoot", "\"best_iteration\": 5", "\"best_iteration\": 7"},
        };
        for (var change : changes) {
            var copy = Files.createDirectories(folder.resolve(change[0] + change[2].hashCode()));
            Files.copy(GOLDEN.resolve(change[0]).resolve("io.safetensors"), copy.resolve("io.safetensors"));
            var meta = Files.readString(GOLDEN.resolve(change[0]).resolve("meta.json"));
            assertTrue(meta.contains(change[1]), change[1]);
            Files.writeString(copy.resolve("meta.json"), meta.replace(change[1], change[2]));
            assertFalse(Parity.run(List.of(copy)).passed(), change[2]);
        }
    }
}
