// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.method.RunPlan;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.StepReport;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.window.Studio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person decided outlives a kill, and the run goes on to the bytes of one that never was killed. */
class HandKillTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "prompt", "a red circle",
            "reward", "redness",
            "steps", "12",
            "particles", "3",
            "unsteered", "0",
            "resample-from", "4",
            "resample-every", "3",
            "lambda", "0.1",
            "seed", "5");
    private static final int KILLED = 137;

    @TempDir
    Path temp;

    /**
     * A process of its own, as the window is one: it makes a run, or goes on with one, decides something by hand, and is gone in the
     * middle of the step after that, with nothing put in order.
     *
     * @param args the folder to go on with, or {@code key=value} of a run to start; {@code --}; and the decisions
     */
    public static void main(String[] args) {
        int dash = List.of(args).indexOf("--");
        var decisions = new ArrayList<Decision.At>();
        for (int i = dash + 1; i < args.length; i++) {
            decisions.add(Decision.At.parse(args[i]));
        }
        var studio = new LocalStudio(TillerCommand.models(), Path.of("settings"));
        var job = new CompletableFuture<Studio.Job>();
        var killing = new Killing(job, decisions);
        if (dash == 1) {
            job.complete(studio.resume(Path.of(args[0]), killing));
        } else {
            var settings = new HashMap<String, String>();
            for (int i = 0; i < dash; i++) {
                int equals = args[i].indexOf('=');
                settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
            }
            job.complete(studio.start(settings, killing));
        }
        job.join().join();
    }

    private record Killing(CompletableFuture<Studio.Job> job, List<Decision.At> decisions) implements Studio.Watcher {
        @Override
        public void on(RunEvent event) {
            if (event instanceof RunEvent.StepDone done) {
                int made = done.step() + 1;
                if (made > decisions.get(decisions.size() - 1).step()) {
                    Runtime.getRuntime().halt(KILLED);
                }
                decisions.stream()
                        .filter(at -> at.step() == made)
                        .forEach(at -> job.join().decide(made, at.decision()));
            }
        }

        @Override
        public void began(Path folder, Pictures pictures) {}

        @Override
        public void refused(String sentence) {
            throw new IllegalStateException(sentence);
        }

        @Override
        public void ended(boolean completed) {}

        @Override
        public void failed(String sentence) {
            System.err.println(sentence);
        }
    }

    private void killed(List<String> before, String... decisions) throws Exception {
        var args = new ArrayList<>(before);
        args.add("--");
        args.addAll(List.of(decisions));
        var process = TillerProcess.start(temp, HandKillTest.class, List.of(), args);
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        assertEquals(KILLED, process.exitValue(), Files.readString(temp.resolve("stderr")));
    }

    private static List<String> words(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }

    /** The only run that was made, but for those that are known. */
    private Path made(Path... known) throws IOException {
        try (var runs = Files.list(temp.resolve("runs"))) {
            return runs.filter(run -> !List.of(known).contains(run)).findFirst().orElseThrow();
        }
    }

    /** In a process of its own, with as many threads of the engine as those that are killed. */
    private void command(List<String> args) throws Exception {
        var process = TillerProcess.start(temp, List.of(), args);
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        assertEquals(0, process.exitValue(), Files.readString(temp.resolve("stderr")));
    }

    private void never(String out, Map<String, String> settings, String... decisions) throws Exception {
        Files.write(temp.resolve("decisions"), List.of(decisions));
        command(words(out, settings));
    }

    private List<String> words(String out, Map<String, String> settings) {
        var args = new ArrayList<>(List.of("run", settings.get("prompt")));
        settings.forEach((name, value) -> {
            if (!name.equals("prompt")) {
                args.addAll(List.of("--" + name, value));
            }
        });
        args.addAll(List.of("--decisions", temp.resolve("decisions").toString(), "--out", at(out)));
        return args;
    }

    private String at(String name) {
        return temp.resolve(name).toString();
    }

    @Test
    void decisionsOutliveKills() throws Exception {
        String[] all = {"3 kill 2", "3 clone 1", "5 favour 1,3 2.5", "8 reweigh 2.0 redness"};
        never("whole", SETTINGS, all);
        killed(words(SETTINGS), all[0], all[1]);
        var run = made();
        assertFalse(Files.exists(run.resolve("report.html")));
        // Killed again and again, each time right after a decision.
        killed(List.of(run.toString()), all[2]);
        killed(List.of(run.toString()), all[3]);
        command(List.of("run", "--resume", run.toString()));
        assertEquals(MainTest.bytesOf(temp.resolve("whole")), MainTest.bytesOf(run));
        assertEquals(List.of(all), script(run));
    }

    @Test
    void aBranchThatIsKilledGoesOnAsABranch() throws Exception {
        killed(words(SETTINGS), "4 kill 1");
        var parent = made();
        command(List.of("run", "--resume", parent.toString()));
        var settings = Map.of(
                "prompt", "a blue circle",
                "branch-from", parent.toString(),
                "branch-step", "7",
                "branch-particle", "2",
                "lambda", "0.3");
        never("whole", settings, "8 favour 2 3.0");
        killed(words(settings), "8 favour 2 3.0");
        var branch = made(parent);
        command(List.of("run", "--resume", branch.toString()));
        assertEquals(MainTest.bytesOf(temp.resolve("whole")), MainTest.bytesOf(branch));
        assertEquals(List.of("8 favour 2 3.0"), script(branch));
    }

    /** Stopped before all of its script was carried out, the rest is carried out when it goes on. */
    @Test
    void aScriptIsGoneOnWithWhereItWasStopped() throws Exception {
        String[] all = {"3 kill 2", "8 clone 1", "9 favour 1 2.0"};
        var lines = List.of(all[0], "5 favour 3 2.0", all[1], all[2]);
        Files.write(temp.resolve("decisions"), lines);
        var args = words("whole", SETTINGS);
        tiller(args.toArray(String[]::new)).succeeds();
        var plan = RunPlan.of(SETTINGS);
        var folder = RunFolder.create(temp.resolve("stopped"));
        var script = List.of(all).stream().map(Decision.At::parse).toList();
        SteerSession.Progress quiet = (String what, StepReport report) -> {};
        // Somebody decides between two decisions of the script, and stops the run.
        Control person = (made, hand) -> {
            if (made == 5) {
                hand.accept(Decision.parse("favour 3 2.0"));
            }
            return made < 7;
        };
        try (var session = SteerSession.open(plan, TillerCommand.models(), RewardCatalogue.load(Images.class))) {
            assertFalse(session.run(folder, quiet, person, script).completed());
        }
        assertInstanceOf(
                Outcome.Cancelled.class,
                ManifestFile.read(folder.resolve("manifest.json")).outcome());
        tiller("run", "--resume", folder.path().toString()).succeeds();
        assertEquals(MainTest.bytesOf(temp.resolve("whole")), MainTest.bytesOf(folder.path()));
    }

    private static List<String> script(Path run) {
        return ManifestFile.read(run.resolve("manifest.json")).script().stream()
                .map(Decision.At::text)
                .toList();
    }
}
