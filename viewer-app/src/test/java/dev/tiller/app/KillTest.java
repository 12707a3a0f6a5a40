// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import org.junit.jupiter.api.condition.EnabledOnOs;
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
        return TillerProcess.start(temp, before, List.of(args));
    }

    private Process run(Path out, String... more) throws IOException {
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", out.toString()));
        args.addAll(List.of(more));
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
    void aComparisonThatIsInterruptedIsMadeUpFor() throws Exception {
        var whole = temp.resolve("whole");
        String[] compared = {"--steps", "24", "--unsteered", "2"};
        assertEquals(0, ended(run(whole, compared)), stderr());
        var out = temp.resolve("interrupted");
        var process = run(out, compared);
        await(process, out.resolve("unsteered"), 2);
        process.destroy();
        int code = ended(process);
        assertTrue(code == 130 || code == 143, "exit code " + code);
        assertTrue(Files.exists(out.resolve("0001.png")), "the steered pictures are there");
        assertEquals(0, ended(start(List.of(), "run", "--resume", out.toString())), stderr());
        assertEquals(MainTest.bytesOf(whole), MainTest.bytesOf(out));
    }

    @Test
    void anAscentGoesOnToTheSameBytes() throws Exception {
        String[] ascent = {
            "run",
            "a red circle",
            "--method",
            "reno",
            "--model",
            "scenes",
            "--steps",
            "2",
            "--particles",
            "2",
            "--iterations",
            "12",
            "--unsteered",
            "1",
            "--preview-every",
            "2",
            "--learning-rate",
            "1",
            "--out"
        };
        var whole = temp.resolve("whole");
        assertEquals(0, ended(start(List.of(), with(ascent, whole))), stderr());
        var out = temp.resolve("interrupted");
        var process = start(List.of(), with(ascent, out));
        await(process, out, 12);
        process.destroy();
        ended(process);
        assertTrue(Files.exists(out.resolve("state.safetensors")), stderr());
        assertEquals(0, ended(start(List.of(), "run", "--resume", out.toString())), stderr());
        assertEquals(MainTest.bytesOf(whole), MainTest.bytesOf(out));
    }

    private static String[] with(String[] args, Path out) {
        var all = new ArrayList<>(List.of(args));
        all.add(out.toString());
        return all.toArray(String[]::new);
    }

    @Test
    void twoProcessesDoNotShareAFolder() throws Exception {
        var out = temp.resolve("shared");
        // Longer than this test: it is killed.
        var first = run(out, "--steps", "900");
        await(first, out, 3);
        Told.tiller("run", "--resume", out.toString()).fails(1, "at work in the folder", "process " + first.pid());
        Told.quick("x", "--out", out, "--force").fails(1, "at work in the folder");
        first.destroyForcibly();
        ended(first);
        Told.quick("x", "--out", out, "--force").succeeds();
    }

    @Test
    void aDiskThatTakesNoMoreIsSaid() throws Exception {
        var out = temp.resolve("full");
        // Files of at most 4 KiB: a state that is kept, or the log, grows over it in the middle of the run.
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", out.toString()));
        var limited = List.of("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh");
        int code = ended(start(limited, args.toArray(String[]::new)));
        assertEquals(1, code, stderr());
        assertTrue(stderr().contains("tiller: Cannot write "), stderr());
        assertEquals(1, stderr().lines().count(), stderr());
        assertFalse(Files.exists(out.resolve("0001.png")));
    }

    /** A disk of so many KiB below {@code temp/disk}, seen by the command alone; on a Linux that lets users mount. */
    private List<String> onADiskOf(int kib, String then) throws Exception {
        var disk = Files.createDirectories(temp.resolve("disk"));
        var mount = "mount -t tmpfs -o size=" + kib + "k tiller " + disk + then;
        var tried = new ProcessBuilder("unshare", "-rm", "sh", "-c", mount);
        assumeTrue(Files.exists(Path.of("/usr/bin/unshare")) && tried.start().waitFor() == 0, "no mounts here");
        return List.of("unshare", "-rm", "sh", "-c", mount + " && exec \"$@\"", "sh");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsSaid() throws Exception {
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", temp.resolve("disk/run").toString()));
        int code = ended(start(onADiskOf(48, ""), args.toArray(String[]::new)));
        assertEquals(1, code, stderr());
        assertTrue(stderr().contains("the disk is full; free some space and run again."), stderr());
        assertEquals(1, stderr().lines().count(), stderr());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aReadOnlyFolderIsSaid() throws Exception {
        var args = new ArrayList<>(List.of(RUN));
        args.addAll(List.of("--out", temp.resolve("disk/run").toString()));
        var readOnly = onADiskOf(48, " && mkdir " + temp + "/disk/run && mount -o remount,ro " + temp + "/disk");
        int code = ended(start(readOnly, args.toArray(String[]::new)));
        assertEquals(1, code, stderr());
        assertTrue(stderr().contains("tiller: Cannot write in the folder"), stderr());
        assertEquals(1, stderr().lines().count(), stderr());
    }
}
