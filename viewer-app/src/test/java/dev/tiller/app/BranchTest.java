// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventLog;
import dev.tiller.record.GenerationParameters;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.PictureSettings;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.viewer.RunHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that begin in the middle of others, and runs that are steered by hand, from the command line. */
class BranchTest {
    @TempDir
    Path temp;

    /** 12 steps: every second state is kept, so that others are made again. */
    private Told run(String out, String... more) {
        return runBy("redness", out, more);
    }

    private Told runBy(String reward, String out, String... more) {
        var args = new ArrayList<>(List.of(
                "run",
                "a red circle",
                "--reward",
                reward,
                "--steps",
                "12",
                "--particles",
                "3",
                "--unsteered",
                "0",
                "--resample-from",
                "4",
                "--resample-every",
                "3",
                "--lambda",
                "0.1",
                "--seed",
                "5",
                "--out",
                at(out)));
        args.addAll(List.of(more));
        return tiller(args.toArray(String[]::new));
    }

    private Told branch(String from, String out, String... more) {
        var args = new ArrayList<>(List.of("run", "--branch-from", at(from), "--out", at(out)));
        args.addAll(List.of(more));
        return tiller(args.toArray(String[]::new));
    }

    private String at(String name) {
        return temp.resolve(name).toString();
    }

    private RunHistory history(String name) {
        var history = new RunHistory();
        EventLog.replay(temp.resolve(name).resolve("events.jsonl"), history);
        return history;
    }

    /** The lines of the log but the first two, which hold the format and the manifest. */
    private List<String> events(String name) throws IOException {
        return Files.readAllLines(temp.resolve(name).resolve("events.jsonl")).stream()
                .skip(2)
                .filter(line -> !line.contains("\"Intervened\""))
                .toList();
    }

    @Test
    void aBranchInWhichNothingChangesIsTheRunAgain() throws IOException {
        run("parent").succeeds();
        assertTrue(Files.exists(temp.resolve("parent/states/0010.safetensors")));
        // Right at a state that was kept, and where a step is made again.
        for (var step : List.of("5", "6")) {
            branch("parent", "same" + step, "--branch-step", step).succeeds();
            assertEquals(events("parent"), events("same" + step));
            assertArrayEquals(rgb("parent"), rgb("same" + step));
        }
        assertTrue(Files.readString(temp.resolve("same6/report.html")).contains("of a branch, given where it began"));
        tiller("run", "--manifest", at("same6/manifest.json"), "--out", at("again"))
                .succeeds();
        assertEquals(MainTest.bytesOf(temp.resolve("same6")), MainTest.bytesOf(temp.resolve("again")));
    }

    /** Rewards that go by what they have seen go on where they were, at a state that was kept and after it. */
    @Test
    void aBranchRemembersWhatItsRewardsHaveSeen() throws IOException {
        for (var reward : List.of(
                "standardised(of=\"redness; clip\")", "redness + constrained(of=clip, subject=\"redness >= 1000\")")) {
            var name = reward.substring(0, 5);
            runBy(reward, name).succeeds();
            for (var step : List.of("9", "10")) {
                branch(name, name + step, "--branch-step", step).succeeds();
                assertEquals(events(name), events(name + step));
            }
        }
    }

    @Test
    void aDamagedStateIsSaid() throws IOException {
        run("parent").succeeds();
        var state = temp.resolve("parent/states/0004.safetensors");
        var bytes = Files.readAllBytes(state);
        var family = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        // Behind the head come three log weights, then the numbers of the state: the second is the size of a family.
        int numbers = 8 + (int) family.getLong(0) + 3 * Double.BYTES;
        assertEquals(1, family.getLong(numbers + Long.BYTES));
        Files.write(state, family.putLong(numbers + Long.BYTES, 0).array());
        branch("parent", "child", "--branch-step", "5").fails(1, "0004.safetensors", "is damaged");
    }

    /** What a scheduler remembers of a step, and what rewards do, do not get into each other's way. */
    @Test
    void aSchedulerWithAMemoryIsBranched() throws IOException {
        runBy("standardised(of=\"redness; clip\")", "parent", "--scheduler", "dpmpp-2m-sde")
                .succeeds();
        branch("parent", "same", "--branch-step", "10").succeeds();
        assertEquals(events("parent"), events("same"));
    }

    private byte[] rgb(String name) throws IOException {
        return Png.decode(Files.readAllBytes(temp.resolve(name).resolve("0001.png")))
                .rgb();
    }

    @Test
    void aBranchFromOneParticleGoesOnUnderAnotherPlan() throws IOException {
        run("parent").succeeds();
        branch(
                        "parent",
                        "branch",
                        "a blue circle",
                        "--branch-step",
                        "8",
                        "--branch-particle",
                        "2",
                        "--lambda",
                        "0.3",
                        "--particles",
                        "5")
                .succeeds();
        var parent = history("parent");
        var branch = history("branch");
        assertEquals("a blue circle", branch.manifest().prompt());
        assertEquals(5, branch.order().size());
        assertEquals(3, branch.particles(), "it began as its parent did");
        var intervened = new ArrayList<RunEvent.Intervened>();
        EventLog.replay(temp.resolve("branch/events.jsonl"), event -> {
            if (event instanceof RunEvent.Intervened e) {
                intervened.add(e);
            }
        });
        assertEquals("branch 2 anew", intervened.get(0).decision().text());
        assertEquals(7, intervened.get(0).step());
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, intervened.get(0).ancestors());
        // What came before is the parent's; what follows is not.
        assertArrayEquals(
                parent.columns().get(1).rewards(), branch.columns().get(1).rewards());
        assertFalse(Arrays.equals(
                parent.columns().get(2).rewards(), branch.columns().get(2).rewards()));
        assertTrue(branch.interventions().isBranch());
        assertFalse(branch.interventions().byHand());
        // A branch of the branch, where its own beginning is the only state at hand.
        branch("branch", "twig", "--branch-step", "8", "--branch-particle", "1").succeeds();
        branch("branch", "early", "--branch-step", "5").fails(2, "is a branch itself, which begins at step 8");
    }

    @Test
    void whatCannotBeBranchedIsExplained() {
        run("parent").succeeds();
        branch("parent", "x").fails(2, "--branch-from and --branch-step");
        branch("parent", "x", "--branch-step", "13").fails(2, "no step 13");
        branch("parent", "x", "--branch-step", "3", "--steps", "30").fails(2, "has the steps of its parent, 12");
        branch("parent", "x", "--branch-step", "3", "--particles", "9").fails(2, "keeps their number");
        branch("parent", "x", "--branch-step", "3", "--method", "reno").fails(2, "reno optimises noise");
        branch("nowhere", "x", "--branch-step", "3").fails(2, "no run in");
        branch("parent", "x", "--branch-step", "3", "--branch-particle", "4").fails(1, "no particle 4; there are 3");
        branch("parent", "x", "--branch-step", "3", "--branch-particle", "0").fails(2, "counted from 1");
        assertFalse(Files.exists(temp.resolve("x/manifest.json")), "it stands in nobody's way");
    }

    /** Also those of what a flow is guided by. */
    @Test
    void theWeightsOfANoiseAwareRewardChangeDuringTheRun() throws IOException {
        var script = temp.resolve("decisions.txt");
        var pictures = new ArrayList<String>();
        for (var decision : List.of("", "1 reweigh 0 noisyclip", "1 reweigh 0.5 redness")) {
            Files.writeString(script, decision);
            var out = "flow" + pictures.size();
            tiller(
                            "run",
                            "a red circle",
                            "--reward",
                            "redness",
                            "--method",
                            "flow-nrg",
                            "--noise-aware",
                            "noisyclip",
                            "--steps",
                            "4",
                            "--particles",
                            "1",
                            "--unsteered",
                            "0",
                            "--decisions",
                            script.toString(),
                            "--out",
                            at(out))
                    .succeeds();
            var png = Png.decode(Files.readAllBytes(temp.resolve(out + "/0001.png")));
            pictures.add(Arrays.toString(png.rgb()));
        }
        assertNotEquals(pictures.get(0), pictures.get(1));
        assertEquals(pictures.get(0), pictures.get(2), "what looks on guides nothing");
        branch("flow1", "plain", "--branch-step", "3", "--method", "bon", "--eta", "0")
                .succeeds();
    }

    @Test
    void decisionsAreInTheManifestAndRepeatTheRun() throws IOException {
        run("plain").succeeds();
        var script = temp.resolve("decisions.txt");
        Files.writeString(
                script, "# nobody likes no. 2\n3 kill 2\n3 clone 1\n\n5 favour 1,3 2.5\n9 reweigh 2 redness\n");
        run("hand", "--decisions", script.toString()).succeeds();
        var manifest = ManifestFile.read(temp.resolve("hand/manifest.json"));
        assertEquals(
                List.of("3 kill 2", "3 clone 1", "5 favour 1,3 2.5", "9 reweigh 2.0 redness"),
                manifest.script().stream().map(d -> d.text()).toList());
        assertTrue(Files.readString(temp.resolve("hand/report.html")).contains("Steered by hand"));
        assertDecisionsAreInThePicture("hand", manifest.script(), true);
        assertDecisionsAreInThePicture("plain", List.of(), false);
        tiller("run", "--manifest", at("hand/manifest.json"), "--out", at("again"))
                .succeeds();
        assertEquals(MainTest.bytesOf(temp.resolve("hand")), MainTest.bytesOf(temp.resolve("again")));
        assertFalse(events("plain").equals(events("hand")));
        // The weight of the only part counts double from step 10 on.
        var columns = history("hand").columns();
        for (var column : columns) {
            double part = column.rewardParts().get("redness")[0];
            assertEquals(part * (column.step() >= 9 ? 2 : 1), column.rewards()[0], 1e-9);
        }
        // A branch of it makes the steps between two states again, decisions and all.
        branch("hand", "later", "--branch-step", "10").succeeds();
        assertEquals(events("hand"), events("later"));
        assertTrue(history("later").interventions().byHand());
        var all = new ArrayList<>(manifest.script());
        all.add(Decision.At.parse("9 branch"));
        assertDecisionsAreInThePicture(
                "later",
                all.stream().sorted(Comparator.comparingInt(Decision.At::step)).toList(),
                true);
    }

    private void assertDecisionsAreInThePicture(String name, List<Decision.At> decisions, boolean byHand)
            throws IOException {
        var png = Files.readAllBytes(temp.resolve(name).resolve("0001.png"));
        assertEquals(decisions, Recipe.in(png).orElseThrow().made());
        var words = Png.texts(png).get(GenerationParameters.KEYWORD);
        assertEquals(byHand, words.contains("Steered by hand: yes"), words);
        var others = PictureSettings.in(png).others();
        assertEquals(!decisions.isEmpty(), others.containsKey("decisions by hand"), others.toString());
    }

    @Test
    void decisionsThatChangeNothingChangeNothing() throws IOException {
        run("plain").succeeds();
        Files.writeString(temp.resolve("none.txt"), "# nothing\n");
        run("none", "--decisions", at("none.txt")).succeeds();
        assertEquals(MainTest.bytesOf(temp.resolve("plain")), MainTest.bytesOf(temp.resolve("none")));
        Files.writeString(temp.resolve("late.txt"), "12 kill 1\n");
        run("late", "--decisions", at("late.txt")).fails(1, "after step 12 of 12");
        Files.writeString(temp.resolve("bad.txt"), "7 murder 1\n");
        run("bad", "--decisions", at("bad.txt")).fails(1, "is no decision");
        run("gone", "--decisions", at("gone.txt")).fails(1, "Cannot read the decisions");
    }
}
