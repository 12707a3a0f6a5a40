// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.benchmark.BenchSettings;
import dev.tiller.benchmark.UnitRecord;
import dev.tiller.run.Cost;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchProgressTest {
    @TempDir
    Path temp;

    private long seconds;

    private static UnitRecord record(Unit unit, double seconds, boolean correct, String... remarks) {
        return new UnitRecord(
                "r",
                unit.cell().name(),
                unit.prompt(),
                0,
                1,
                "p",
                correct,
                "",
                3,
                Map.of(),
                Cost.NONE,
                seconds,
                0,
                List.of(remarks));
    }

    /** Three prompts; a picture of base takes a second, one of bon nine, in each of two processes. */
    @Test
    void whatWasThereCountsAndTheRestTakesAsLongAsItsCells() throws IOException {
        var suite = Files.writeString(temp.resolve("suite.txt"), "one\ntwo\nthree\n");
        var units = new BenchSettings(
                        suite.toString(),
                        List.of("base", "bon"),
                        List.of(9),
                        1,
                        7L,
                        List.of(),
                        null,
                        null,
                        Map.of("steps", 2))
                .plan()
                .units();
        assertEquals(6, units.size());
        var told = new StringWriter();
        try (var progress =
                new BenchProgress(new PrintWriter(told, true), false, units, () -> seconds * 1_000_000_000)) {
            seconds = 500;
            progress.kept(record(units.get(0), 1, true));
            progress.kept(record(units.get(1), 9, false));
            seconds = 561;
            progress.made(record(units.get(2), 1, false, "A word."));
            // 61 s for a second's picture: 61 times that for 9 + 1 + 9.
            assertEquals(
                    List.of("Note: A word.", "3 of 6, about 19 min left | *base 0.50 | bon k=9 0.00"), lines(told));
            seconds = 622;
            progress.made(record(units.get(3), 9, true, "A word."));
            assertEquals(
                    "4 of 6, about 2 min left | base 0.50 | *bon k=9 0.50",
                    lines(told).get(2));
            progress.made(record(units.get(4), 1, true));
            assertEquals(3, lines(told).size());
        }
    }

    private static List<String> lines(StringWriter told) {
        return told.toString().lines().toList();
    }
}
