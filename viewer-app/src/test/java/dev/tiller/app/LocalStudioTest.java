// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.ManifestFile;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.tensor.Tensor;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.window.Studio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the window asks for is what {@code tiller run} does. */
class LocalStudioTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "prompt", "a local studio",
            "reward", "redness",
            "steps", "6",
            "particles", "2",
            "unsteered", "0",
            "resample-from", "2",
            "resample-every", "2",
            "seed", "4");

    @TempDir
    Path temp;

    private final List<Path> made = new ArrayList<>();

    private Studio studio() {
        return new LocalStudio(TillerCommand.models(), temp.resolve("settings"));
    }

    @AfterEach
    void tidy() throws IOException {
        for (var run : made) {
            try (var walk = Files.walk(run)) {
                for (var file : walk.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        assertEquals(0, Tensor.alive());
    }

    /** Hears a run, and does something at each event, on the run's thread. */
    private final class Hearing implements Studio.Watcher {
        private final CompletableFuture<Studio.Job> job = new CompletableFuture<>();
        private final BiConsumer<Studio.Job, RunEvent> then;
        private final List<String> sentences = new ArrayList<>();
        private final List<RunEvent> events = new ArrayList<>();
        private Path folder;
        private Pictures pictures;
        private Boolean completed;

        Hearing(BiConsumer<Studio.Job, RunEvent> then) {
            this.then = then;
        }

        void of(Studio.Job begun) {
            job.complete(begun);
            begun.join();
        }

        private List<String> kinds() {
            return events.stream().map(e -> e.getClass().getSimpleName()).toList();
        }

        @Override
        public void began(Path path, Pictures found) {
            folder = path;
            pictures = found;
            if (!made.contains(path)) {
                made.add(path);
            }
        }

        @Override
        public void on(RunEvent event) {
            events.add(event);
            then.accept(job.join(), event);
        }

        @Override
        public void refused(String sentence) {
            sentences.add(sentence);
        }

        @Override
        public void ended(boolean whole) {
            completed = whole;
        }

        @Override
        public void failed(String sentence) {
            sentences.add(sentence);
        }
    }

    private static RunManifest manifest(Path run) {
        return ManifestFile.read(run.resolve("manifest.json")).run();
    }

    private static void atStep(RunEvent event, int made, Runnable work) {
        if (event instanceof RunEvent.StepDone done && done.step() + 1 == made) {
            work.run();
        }
    }

    @Test
    void aRunOfTheWindowIsARunOfTheCommandLine() throws IOException {
        var heard = new Hearing((job, event) -> {});
        heard.of(studio().start(SETTINGS, heard));
        assertTrue(heard.completed, heard.sentences.toString());
        var args = new ArrayList<>(List.of("run", SETTINGS.get("prompt"), "--out", temp + "/run"));
        SETTINGS.forEach((name, value) -> {
            if (!name.equals("prompt")) {
                args.addAll(List.of("--" + name, value));
            }
        });
        Told.tiller(args.toArray(String[]::new)).succeeds();
        // To the bit it is with one thread of the engine (HandKillTest); with more, sums are added up in another order.
        assertEquals(
                manifest(temp.resolve("run")).plan(), manifest(heard.folder).plan());
        assertEquals(
                manifest(temp.resolve("run")).weights(), manifest(heard.folder).weights());
        assertEquals(
                MainTest.bytesOf(temp.resolve("run")).size(),
                MainTest.bytesOf(heard.folder).size());
        var previewed = heard.events.stream()
                .filter(RunEvent.Previewed.class::isInstance)
                .map(RunEvent.Previewed.class::cast)
                .findFirst()
                .orElseThrow();
        assertTrue(heard.pictures.find(previewed.sha256()).isPresent(), "its pictures are found while it goes on");
        var settings = studio().settings(heard.folder);
        SETTINGS.forEach((name, value) -> assertEquals(value, settings.get(name), name));
    }

    @Test
    void aRunThatIsStoppedIsGoneOnWith() throws IOException {
        var whole = new Hearing((job, event) -> {});
        whole.of(studio().start(SETTINGS, whole));
        var stopped = new Hearing((job, event) -> atStep(event, 3, job::stop));
        stopped.of(studio().start(SETTINGS, stopped));
        assertFalse(stopped.completed);
        assertFalse(Files.exists(stopped.folder.resolve("0001.png")));
        var resumed = new Hearing((job, event) -> {});
        resumed.of(studio().resume(stopped.folder, resumed));
        assertTrue(resumed.completed, resumed.sentences.toString());
        assertEquals(whole.kinds(), resumed.kinds(), "what has happened before is heard first");
        assertEquals(MainTest.bytesOf(whole.folder), MainTest.bytesOf(stopped.folder));
    }

    @Test
    void decisionsAreCarriedOutOrRefusedInASentence() {
        var heard = new Hearing((job, event) -> atStep(event, 3, () -> {
            job.decide(3, new Decision.Kill(List.of(1)));
            job.decide(2, new Decision.Kill(List.of(0)));
            job.decide(3, new Decision.Kill(List.of(0, 1)));
        }));
        heard.of(studio().start(SETTINGS, heard));
        assertTrue(heard.completed, heard.sentences.toString());
        var decided = heard.events.stream()
                .filter(RunEvent.Intervened.class::isInstance)
                .map(e -> ((RunEvent.Intervened) e).decision())
                .toList();
        assertEquals(List.of(new Decision.Kill(List.of(1))), decided);
        assertEquals(2, heard.sentences.size(), heard.sentences.toString());
        assertTrue(heard.sentences.get(0).startsWith("The run has gone on since"), heard.sentences.get(0));
    }

    /** What was decided while it waited is done also when it is stopped there, and saved with it. */
    @Test
    void whatWasDecidedBeforeAStopIsCarriedOut() {
        var heard = new Hearing((job, event) -> atStep(event, 3, () -> {
            job.pause(true);
            CompletableFuture.delayedExecutor(120, TimeUnit.MILLISECONDS).execute(() -> {
                job.decide(3, new Decision.Kill(List.of(1)));
                job.stop();
            });
        }));
        heard.of(studio().start(SETTINGS, heard));
        assertFalse(heard.completed);
        assertTrue(heard.kinds().contains("Intervened"), heard.kinds().toString());
        var resumed = new Hearing((job, event) -> {});
        resumed.of(studio().resume(heard.folder, resumed));
        assertTrue(resumed.completed, resumed.sentences.toString());
        assertEquals(1, resumed.kinds().stream().filter("Intervened"::equals).count());
    }

    @Test
    void whatCannotBeIsSaidAndLeavesNothing() {
        var wrong = new HashMap<>(SETTINGS);
        wrong.put("reward", "nosuch");
        var heard = new Hearing((job, event) -> {});
        heard.of(studio().start(wrong, heard));
        assertEquals(1, heard.sentences.size());
        assertTrue(heard.sentences.get(0).contains("nosuch"), heard.sentences.get(0));
        var outlook = studio().outlook(wrong);
        assertFalse(outlook.possible());
        assertEquals(heard.sentences.get(0), outlook.words(), "it was said before");
        assertTrue(studio().outlook(SETTINGS).possible());
        assertTrue(studio().outlook(SETTINGS).words().startsWith("About 24 network evaluations"));
    }

    @Test
    void whatCanBeChosenIsKnownByName() {
        var studio = studio();
        var fk = studio.methods().stream()
                .filter(m -> m.name().equals("fk"))
                .findFirst()
                .orElseThrow();
        assertTrue(fk.defaults().containsKey("lambda") && !fk.words().isBlank(), fk.toString());
        assertTrue(studio.models().stream().anyMatch(m -> m.name().equals("scenes")));
        assertFalse(studio.models().stream().anyMatch(m -> m.name().equals("scenes-clip")), "a judge draws nothing");
        assertTrue(studio.rewards().stream().anyMatch(r -> r.name().equals("redness")));
        assertEquals(Map.of("clip", 0.7, "verifier", 0.3), studio.weights("0.7*clip + 0.3*verifier"));
        assertEquals(Map.of(), studio.weights("0.7*"));
        assertTrue(studio.taste().isEmpty());
        studio.keepQueue(List.of(SETTINGS));
        assertEquals(List.of(SETTINGS), studio().queue(), "another start finds it");
    }
}
