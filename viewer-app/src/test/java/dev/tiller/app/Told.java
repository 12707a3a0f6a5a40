// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line said, and how it ended. */
record Told(int code, String out, String err) {
    /** Runs {@code tiller} in this process. */
    static Told tiller(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(args);
        return new Told(code, out.toString(), err.toString());
    }

    /** A run of a few seconds at most, with the tests' own reward. */
    static Told quick(String prompt, Object... options) {
        var args = new java.util.ArrayList<>(java.util.List.of(
                "run", prompt, "--reward", "redness", "--steps", "4", "--particles", "2", "--unsteered", "0"));
        for (var option : options) {
            args.add(option.toString());
        }
        return tiller(args.toArray(String[]::new));
    }

    Told succeeds() {
        assertEquals(0, code, err);
        return this;
    }

    /** Failed, and said so in one sentence that has these words. */
    void fails(int expected, String... words) {
        assertEquals(expected, code, out + err);
        var lines = err.lines().filter(line -> !line.startsWith("Note: ")).toList();
        assertEquals(expected == 2 ? 2 : 1, lines.size(), err);
        assertTrue(lines.get(0).startsWith("tiller: ") && lines.get(0).matches(".*[.?)]"), err);
        assertTrue(!err.contains("\tat ") && !err.contains("Exception"), err);
        for (var word : words) {
            assertTrue(lines.get(0).contains(word), err);
        }
    }
}
