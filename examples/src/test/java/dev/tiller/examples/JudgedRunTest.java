// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.examples.judge.Faults;
import dev.tiller.examples.judge.Faults.Fault;
import dev.tiller.examples.judge.JudgeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that a judge steers, through the real command, with a key that nobody may see. */
class JudgedRunTest {
    private static final String CANARY = "sk-canary-0815-4711";

    @TempDir
    Path folder;

    private Path cache;
    private Path said;
    private RealCommand tiller;

    @BeforeEach
    void folders() throws IOException {
        cache = Files.createDirectory(folder.resolve("cache"));
        said = Files.createDirectory(folder.resolve("said"));
        tiller = new RealCommand(said, Map.of("TILLER_KEY_127_0_0_1", CANARY), List.of());
    }

    private String[] run(Path out, JudgeServer server, String options) {
        return new String[] {
            "run",
            "a photo of a red circle",
            "--reward",
            "judge(url=http://127.0.0.1:" + server.port() + "/v1, cache=" + cache + ", backoff=0.01, " + options + ")",
            "--steps",
            "8",
            "--particles",
            "4",
            "--unsteered",
            "0",
            "--verbose",
            "--out",
            out.toString()
        };
    }

    /** A fifth of the requests fails; the key is sent, and said back, and is in nothing that is written. */
    @Test
    void aJudgeSteersARunAndItsKeyIsInNoOutput() throws IOException, InterruptedException {
        var out = folder.resolve("run");
        try (var server = JudgeServer.start(
                0, new Faults(1, 0.2, Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.CUT, Fault.WRONG_WORDS), 0)) {
            tiller.run(run(out, server, "retries=12")).succeeds();
            assertTrue(server.requests() >= 4);
            assertEquals(1, server.answered()[1], "an answer was paid for twice");
            assertTrue(Files.isRegularFile(out.resolve("report.html")));
            assertTrue(Files.readString(out.resolve("manifest.json")).contains("judge(url="));
            // The same again: all that is asked was answered before.
            long before = server.answered()[2];
            tiller.run(run(folder.resolve("again"), server, "retries=12")).succeeds();
            assertEquals(before, server.answered()[2]);
        }
        RealCommand.assertNowhere(CANARY, out, folder.resolve("again"), cache, said);
    }

    /** A judge that answers nothing but the key: a sentence, and no key in it. */
    @Test
    void aJudgeThatFailsIsToldWithoutTheKey() throws IOException, InterruptedException {
        var out = folder.resolve("run");
        try (var server = JudgeServer.start(0, new Faults(1, 1, Fault.SERVER_ERROR), 0)) {
            var ended = tiller.run(run(out, server, "retries=1"));
            assertTrue((ended.out() + ended.err()).contains("***"), "nothing was said back:\n" + ended.err());
        }
        RealCommand.assertNowhere(CANARY, out, cache, said);
    }

    /**
     * Killed in the middle and resumed: what was answered is not asked again, and answers that were under way, and lost
     * with the process, are asked for by the same name, so that the judge gives them again.
     */
    @Test
    void afterAKillNothingIsPaidForTwice() throws IOException, InterruptedException {
        var out = folder.resolve("run");
        try (var server = JudgeServer.start(0, new Faults(1, 1, Fault.SLOW), 200)) {
            var process = tiller.start(run(out, server, "concurrency=3"));
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
            while (server.answered()[2] < 6 && process.isAlive() && System.nanoTime() < end) {
                Thread.sleep(20);
            }
            assertTrue(process.isAlive(), "it ended before it could be killed");
            process.destroyForcibly().waitFor();
            long before = server.answered()[2];
            assertTrue(before >= 6, before + " answered");
            tiller.run("run", "--resume", out.toString()).succeeds();
            var answered = server.answered();
            assertTrue(answered[2] > before, "nothing was left to do");
            assertEquals(answered[0], answered[2], "answers and questions");
        }
        RealCommand.assertNowhere(CANARY, out, cache, said);
        assertFalse(new ArrayList<>(List.of(said.toFile().list())).isEmpty());
    }
}
