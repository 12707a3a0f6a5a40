// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ReNO's own training loop, iterate by iterate: SGD and Adam, with and without prior, overshooting, two steps. */
class RenoParityTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    @Test
    void ascentsEqualTheReferenceInEveryIterate(@TempDir Path set) throws IOException {
        // The ascents' networks lie with the tests of other modules.
        copy(GOLDEN.resolve("reno"), set.resolve("reno"));
        copy(Path.of("..", "samplers").resolve(GOLDEN).resolve("pipelines/sd15"), set.resolve("pipelines/sd15"));
        copy(
                Path.of("..", "steering-core").resolve(GOLDEN).resolve("models/clip_model"),
                set.resolve("models/clip_model"));
        var report = new Parity(List.of(new RenoParity())).over(List.of(set.resolve("reno")));
        assertTrue(report.passed(), report.table());
        assertEquals(5 * 11, report.count(Status.PASS), report.table());
        assertEquals(0, Tensor.alive());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.createDirectories(to.resolve(from.relativize(file)).getParent());
                if (Files.isRegularFile(file)) {
                    Files.copy(file, to.resolve(from.relativize(file)));
                }
            }
        }
    }
}
