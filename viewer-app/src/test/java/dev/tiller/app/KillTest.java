// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.Png;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are interrupted or killed, as real processes: what is left is whole, and resuming gives the same bytes. */
@DisabledOnOs(OS.WINDOWS)
class KillTest {
    private static final String[] RUN = {
        "run",
        "a red circle",
        "--reward",
        "redness",
        "--particles",
        "2",
        "--unsteered",
        "1",
        "--seed",
        "3",
        "--steps",
        "60",
        "--resample-from",
        "10",
        "--resample-every",
        "5",
        "--lambda",
        "1"
    };

    @TempDir
    Path temp;

    private Process start(List<String> before, String... args) throws IOException {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Djava.awt.headless=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.tiller.app.Main"));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectOutput(temp.resolve("stdout").toFile())
                .redirectError(temp.resolve("stderr").toFile())
                .start();
    }

    private Process run(Path out) throws IOException {
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", out.toString()));
        return start(List.of(), args.toArray(String[]::new));
    }

    private int ended(Process process) throws Exception {
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        return process.exitValue();
    }

    private String stderr() throws IOException {
        return Files.readString(temp.resolve("stderr"));
    }

    /** Waits until a run has logged so many events. */
    private void await(Process process, Path out, int events) throws Exception {
        var log = out.resolve("events.jsonl");
        while (process.isAlive()
                && !(Files.exists(log) && Files.readString(log).lines().count() > events)) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), stderr());
    }

    @Test
    void interruptedAndKilledRunsGoOnToTheSameBytes() throws Exception {
        var whole = temp.resolve("whole");
        assertEquals(0, ended(run(whole)), stderr());
        var expected = MainTest.bytesOf(whole);

        var interrupted = temp.resolve("interrupted");
        var process = run(interrupted);
        await(process, interrupted, 20);
        // SIGTERM goes the way of Ctrl-C; Java can send no other.
        process.destroy();
        int code = ended(process);
        assertTrue(code == 130 || code == 143, "exit code " + code);
        assertTrue(stderr().contains("tiller run --resume " + interrupted), stderr());
        assertTrue(Files.exists(interrupted.resolve("state.safetensors")));
        assertTrue(Files.readString(interrupted.resolve("report.html")).contains("was stopped after"));
        assertWhole(interrupted);
        assertEquals(0, ended(start(List.of(), "run", "--resume", interrupted.toString())), stderr());
        assertEquals(expected, MainTest.bytesOf(interrupted));

        var killed = temp.resolve("killed");
        for (int events : new int[] {3, 40, 90}) {
            var victim = Files.exists(killed) ? start(List.of(), "run", "--resume", killed.toString()) : run(killed);
            await(victim, killed, events);
            victim.destroyForcibly();
            ended(victim);
            assertFalse(Files.exists(killed.resolve("report.html")));
            assertWhole(killed);
        }
        assertEquals(0, ended(start(List.of(), "run", "--resume", killed.toString())), stderr());
        assertEquals(expected, MainTest.bytesOf(killed));
    }

    /** Whatever stands under a final name can be read to its end. */
    private static void assertWhole(Path folder) throws IOException {
        ManifestFile.read(folder.resolve("manifest.json"));
        EventLog.replay(folder.resolve("events.jsonl"), event -> {});
        try (var walk = Files.walk(folder)) {
            for (var png : walk.filter(f -> f.toString().endsWith(".png")).toList()) {
                Png.texts(Files.readAllBytes(png));
                Png.decode(Files.readAllBytes(png));
            }
        }
    }

    @Test
    void aDiskThatTakesNoMoreIsSaid() throws Exception {
        var out = temp.resolve("full");
        // Files of at most 4 KiB: the log grows over it in the middle of the run.
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", out.toString()));
        var limited = List.of("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh");
        int code = ended(start(limited, args.toArray(String[]::new)));
        assertEquals(1, code, stderr());
        assertTrue(stderr().contains("tiller: Cannot write the event log"), stderr());
        assertEquals(1, stderr().lines().count(), stderr());
        assertFalse(Files.exists(out.resolve("0001.png")));
    }
}
