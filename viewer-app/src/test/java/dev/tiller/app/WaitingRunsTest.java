// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitingRunsTest {
    @TempDir
    Path temp;

    @Test
    void theQueueSurvivesAndABrokenOneIsPutAside() throws IOException {
        var folder = temp.resolve("settings");
        var runs = List.of(Map.of("prompt", "naïve 雪", "method", "fk"), Map.of("prompt", "two"));
        assertEquals(List.of(), new WaitingRuns(folder).read());
        new WaitingRuns(folder).write(runs);
        assertEquals(runs, new WaitingRuns(folder).read());
        Files.writeString(folder.resolve("queue.json"), "[{");
        assertEquals(List.of(), new WaitingRuns(folder).read());
        assertTrue(Files.exists(folder.resolve("queue.json.broken")));
        for (var broken : List.of("null", "[null]", "[{\"prompt\":null}]")) {
            Files.writeString(folder.resolve("queue.json"), broken);
            assertEquals(List.of(), new WaitingRuns(folder).read(), broken);
        }
    }
}
