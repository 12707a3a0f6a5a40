// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.CorruptRecordException;
import dev.tiller.record.EventLog;
import dev.tiller.record.RunFolder;
import dev.tiller.record.RunMarks;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GalleryTest {
    @TempDir
    Path temp;

    private final List<String> remarks = new ArrayList<>();
    private Path runs;
    private Path index;
    private Path heart;
    private Path moon;

    @BeforeEach
    void someRuns() throws IOException {
        runs = Files.createDirectories(temp.resolve("runs"));
        index = temp.resolve("cache/gallery.db");
        heart = MadeRuns.completed(runs.resolve("heart"), MadeRuns.manifest("a red Heart", "fk", 3), 27.5);
        moon = MadeRuns.killed(runs.resolve("deep/er/moon"), MadeRuns.manifest("50% of_a MÖÖN", "reno", 4));
        dated(heart, "2026-01-02T03:04:05Z");
        dated(moon, "2026-02-02T03:04:05Z");
    }

    private static void dated(Path run, String instant) throws IOException {
        Files.setLastModifiedTime(run.resolve("manifest.json"), FileTime.from(Instant.parse(instant)));
    }

    private Gallery open() {
        return Gallery.open(index, remarks::add);
    }

    private Gallery.Scan scan(Gallery gallery) {
        return gallery.scan(List.of(runs), () -> {}, () -> false);
    }

    private List<String> found(Gallery gallery, String words) {
        return gallery.find(Query.of(List.of(runs), words, false)).stream()
                .map(e -> e.folder().getFileName().toString())
                .toList();
    }

    @Test
    void runsAreReadFromTheirFolders() {
        try (var gallery = open()) {
            assertEquals(new Gallery.Scan(2, 2, 0, List.of()), scan(gallery));
            var all = gallery.find(Query.all(List.of(runs)));
            assertEquals(List.of(moon, heart), all.stream().map(Entry::folder).toList(), "the latest first");
            assertEquals(all.subList(0, 1), gallery.find(Query.all(List.of(runs)), 1));
            var done = all.get(1);
            assertEquals("a red Heart", done.prompt());
            assertEquals(List.of("fk", "scenes", "clip"), List.of(done.method(), done.model(), done.reward()));
            assertEquals(27.5, done.best());
            assertEquals(Instant.parse("2026-01-02T03:04:05Z"), done.date());
            assertEquals(Entry.State.COMPLETED, done.state());
            assertEquals(Optional.of(heart.resolve("0001.png")), done.picture());
            var killed = all.get(0);
            assertEquals(Entry.State.UNFINISHED, killed.state());
            assertEquals(2.5, killed.best());
            var leader = RunFolder.sha256(dev.tiller.record.Png.encode(MadeRuns.disc(6), java.util.Map.of()));
            assertEquals(Optional.of(moon.resolve(RunFolder.pictureName(leader))), killed.picture());
        }
    }

    @Test
    void wordsAreFoundWhateverTheirCaseAndNothingIsAPattern() {
        try (var gallery = open()) {
            scan(gallery);
            assertEquals(List.of("heart"), found(gallery, " RED  heart "));
            assertEquals(List.of("moon"), found(gallery, "möön"));
            assertEquals(List.of("moon"), found(gallery, "50%"));
            assertEquals(List.of("moon", "heart"), found(gallery, "blurry"), "the negative prompt is searched too");
            for (var none : List.of("red möön", "%e%rt", "a_red", "' OR 1=1 --", "\"", "*")) {
                assertEquals(List.of(), found(gallery, none), none);
            }
            assertEquals(
                    1, gallery.find(Query.all(List.of(runs.resolve("deep")))).size());
            assertEquals(1, gallery.find(Query.all(List.of(heart))).size());
            assertEquals(
                    0, gallery.find(Query.all(List.of(runs.resolve("hea")))).size(), "no folder, but a beginning");
        }
    }

    @Test
    void onlyWhatHasChangedIsReadAgain() throws IOException {
        try (var gallery = open()) {
            scan(gallery);
            assertEquals(new Gallery.Scan(2, 0, 0, List.of()), scan(gallery));
            try (var log = dev.tiller.record.EventLog.resume(
                    moon.resolve("events.jsonl"), Files.size(moon.resolve("events.jsonl")))) {
                log.on(new dev.tiller.run.RunEvent.StepDone(1, new double[3], 3, 0, dev.tiller.run.Cost.NONE));
                log.on(new dev.tiller.run.RunEvent.Scored(
                        1, new double[] {9, 1, 1}, java.util.Map.of(), new double[3], 3));
            }
            assertEquals(1, scan(gallery).read());
            assertEquals(
                    9,
                    gallery.find(Query.of(List.of(runs), "moon", false)).get(0).best());
            RunFolder.open(heart).clear();
            assertEquals(new Gallery.Scan(1, 0, 1, List.of()), scan(gallery));
            assertEquals(List.of("moon"), found(gallery, ""));
            var stopped = gallery.scan(List.of(runs), () -> {}, () -> true);
            assertEquals(0, stopped.gone());
        }
    }

    @Test
    void starsAndNotesLieInTheRunsAndOutliveTheIndex() throws IOException {
        try (var gallery = open()) {
            scan(gallery);
            gallery.mark(heart, RunMarks.of(true, "for the Cover"));
            assertEquals(List.of("heart"), found(gallery, "cover"));
            assertEquals(0, scan(gallery).read(), "a mark is known at once");
        }
        Files.delete(index);
        try (var gallery = open()) {
            assertEquals(2, scan(gallery).read());
            var starred = gallery.find(new Query(List.of(runs), List.of(), true));
            assertEquals(1, starred.size());
            assertEquals("for the Cover", starred.get(0).note());
            gallery.mark(heart, RunMarks.NONE);
            assertEquals(List.of(), gallery.find(new Query(List.of(runs), List.of(), true)));
        }
        assertEquals(List.of(), remarks);
    }

    @Test
    void runsThatWereSteeredByHandAreKnownAlsoByAnIndexThatIsMadeAgain() throws IOException {
        MadeRuns.completed(
                runs.resolve("hand"),
                MadeRuns.manifest("by hand", "fk", 5),
                1,
                Decision.At.parse("3 kill 2"),
                Decision.At.parse("5 branch 1"));
        MadeRuns.completed(
                runs.resolve("branch"), MadeRuns.manifest("a branch", "fk", 6), 1, Decision.At.parse("5 branch 1"));
        var log = moon.resolve("events.jsonl");
        try (var more = EventLog.resume(log, Files.size(log))) {
            more.on(new RunEvent.Intervened(
                    1, Decision.parse("favour 1 2.0"), new int[] {0, 1, 2}, new double[] {0.5, 0.25, 0.25}));
        }
        for (int times = 0; times < 2; times++) {
            try (var gallery = open()) {
                assertEquals(4, scan(gallery).read());
                var byHand = gallery.find(Query.all(List.of(runs))).stream()
                        .filter(Entry::byHand)
                        .map(e -> e.folder().getFileName().toString())
                        .collect(Collectors.toSet());
                assertEquals(Set.of("hand", "moon"), byHand, "a branch alone is no hand");
            }
            Files.delete(index);
        }
    }

    @Test
    void aDamagedIndexIsPutAsideAndMadeAgain() throws IOException {
        try (var gallery = open()) {
            scan(gallery);
        }
        var whole = Files.readAllBytes(index);
        var holes = whole.clone();
        java.util.Arrays.fill(holes, 4096, holes.length, (byte) 0x5A);
        for (var damaged :
                List.of("no database".repeat(500).getBytes(java.nio.charset.StandardCharsets.UTF_8), holes)) {
            remarks.clear();
            Files.write(index, damaged);
            try (var gallery = open()) {
                assertEquals(2, scan(gallery).read());
            }
            assertEquals(1, remarks.size());
            assertTrue(remarks.get(0).contains("made again"), remarks.get(0));
            assertEquals(
                    damaged.length, Files.size(index.resolveSibling("gallery.db.damaged")), "nothing is thrown away");
        }
        remarks.clear();
        try (var gallery = open()) {
            assertEquals(0, scan(gallery).read(), "the new one is sound");
        }
        assertEquals(List.of(), remarks);
    }

    @Test
    void whereNoIndexCanBeWrittenItIsKeptInMemory() throws IOException {
        index = Files.createDirectories(temp.resolve("folder.db"));
        try (var gallery = open()) {
            assertEquals(2, scan(gallery).read());
            assertEquals(List.of("heart"), found(gallery, "heart"));
        }
        assertEquals(1, remarks.size());
        assertTrue(remarks.get(0).contains("read again each time"), remarks.get(0));
    }

    @Test
    void runsThatCannotBeReadAreSaidAndLeftOut() throws IOException {
        Files.writeString(heart.resolve("manifest.json"), "{\"format\":");
        Files.writeString(moon.resolve(RunMarks.FILE), "[]");
        var torn = MadeRuns.killed(runs.resolve("torn"), MadeRuns.manifest("torn", "fk", 9));
        Files.writeString(torn.resolve("events.jsonl"), "no log");
        try (var gallery = open()) {
            var scan = scan(gallery);
            assertEquals(2, scan.problems().size());
            assertTrue(scan.problems().get(0).contains("moon"), scan.problems().toString());
            assertTrue(scan.problems().get(1).contains("heart"), scan.problems().toString());
            assertEquals(List.of("torn"), found(gallery, ""));
            assertEquals(
                    Optional.empty(),
                    gallery.find(Query.all(List.of(torn))).get(0).picture());
        }
        assertThrows(CorruptRecordException.class, () -> RunMarks.in(moon));
        Files.writeString(moon.resolve(RunMarks.FILE), "x".repeat(2 << 20));
        assertThrows(CorruptRecordException.class, () -> RunMarks.in(moon));
    }

    @Test
    void onlyTheSettingsThatDifferAreTold() {
        var differences = RunComparison.of(MadeRuns.manifest("a", "fk", 1), MadeRuns.manifest("a", "reno", 2));
        assertEquals(
                List.of(
                        new RunComparison.Difference("method", "fk", "reno"),
                        new RunComparison.Difference("seed", "1", "2")),
                differences);
        assertEquals(List.of(), RunComparison.of(MadeRuns.manifest("a", "fk", 1), MadeRuns.manifest("a", "fk", 1)));
        assertFalse(RunComparison.of(heart, moon).isEmpty());
    }
}
