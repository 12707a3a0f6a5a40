// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    Path temp;

    @Test
    void filesAppearWholeAndInside() throws IOException {
        var folder = RunFolder.create(temp.resolve("runs/first"));
        folder.write("a.txt", "one");
        folder.write("a.txt", "two");
        assertEquals("two", Files.readString(temp.resolve("runs/first/a.txt")));
        try (var entries = Files.list(folder.path())) {
            assertEquals(1, entries.count());
        }
        assertThrows(IllegalArgumentException.class, () -> folder.write("../b.txt", "no"));
        assertThrows(IllegalArgumentException.class, () -> folder.resolve("."));
    }

    @Test
    void picturesAreFoundByTheirContents() throws IOException {
        var folder = RunFolder.create(temp.resolve("run"));
        var sha256 = folder.keep(new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, folder.picture(sha256).orElseThrow());
        assertEquals(Optional.empty(), folder.picture("0".repeat(64)));
        assertEquals(Optional.empty(), folder.picture("../../etc/passwd"));
        Files.write(folder.resolve(RunFolder.pictureName(sha256)), new byte[] {9});
        assertEquals(Optional.empty(), folder.picture(sha256));
    }

    @Test
    void aFolderInUseAFileAndAnAbsentOneAreRefused() throws IOException {
        Files.createDirectory(temp.resolve("full"));
        Files.writeString(temp.resolve("full/x"), "x");
        Files.writeString(temp.resolve("file"), "x");
        assertSentence("is not empty", () -> RunFolder.create(temp.resolve("full")));
        assertSentence("is a file", () -> RunFolder.create(temp.resolve("file")));
        assertSentence("Cannot make the folder", () -> RunFolder.create(temp.resolve("file/below")));
        assertSentence("There is no folder", () -> RunFolder.open(temp.resolve("none")));
    }

    @Test
    void whatAKillLeftIsRemoved() throws IOException {
        var folder = RunFolder.create(temp.resolve("run"));
        folder.write("pictures/x", "x");
        Files.writeString(folder.resolve("pictures/.draft-y"), "half");
        folder.removeDrafts();
        assertTrue(Files.exists(folder.resolve("pictures/x")));
        assertTrue(!Files.exists(folder.resolve("pictures/.draft-y")));
    }

    @Test
    void onlyOneWorksInAFolderAtATime() throws IOException {
        var path = temp.resolve("run");
        try (var lock = FolderLock.take(path)) {
            assertSentence("at work in the folder", () -> FolderLock.take(path));
            assertSentence("process " + ProcessHandle.current().pid(), () -> FolderLock.take(path));
            RunFolder.create(path);
            assertTrue(lock != null);
        }
        assertTrue(!Files.exists(path), "a folder that was made for nothing goes");
        Files.createDirectory(path);
        assertEquals(7, FolderLock.holding(path, () -> 7));
        try (var entries = Files.list(path)) {
            assertEquals(0, entries.count());
        }
        assertSentence("is a file", () -> FolderLock.take(Files.writeString(temp.resolve("text"), "x")));
    }

    /** Takes a lock in a process of its own. */
    static final class Taker {
        private Taker() {}

        /** @param args a folder; the exit code is 3 if another is at work there */
        public static void main(String[] args) {
            try {
                FolderLock.take(Path.of(args[0]));
            } catch (TillerException e) {
                System.exit(3);
            }
        }
    }

    private static int taken(Path folder) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Taker.class.getName(),
                        folder.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    /** POSIX drops all locks of a process on a file when it closes any descriptor of it. */
    @Test
    void whoAsksTwiceKeepsOthersOut() throws Exception {
        var path = temp.resolve("run");
        var lock = FolderLock.take(path);
        assertSentence("at work in the folder", () -> FolderLock.take(path));
        assertSentence("at work in the folder", () -> FolderLock.take(temp.resolve("run/../run")));
        assertEquals(3, taken(path));
        lock.close();
        assertEquals(0, taken(path));
    }

    @Test
    void whatIsNotOfARunStays() throws IOException {
        var path = temp.resolve("run");
        var folder = RunFolder.create(path);
        folder.write(
                "manifest.json",
                ManifestFile.of(((RunStarted) RandomRun.of(1).get(0)).manifest())
                        .toJson());
        for (var own : List.of("poem.draft-2.txt", "pictures/mine.txt", "own/.draft-x")) {
            Files.createDirectories(path.resolve(own).resolveSibling(""));
            Files.writeString(path.resolve(own), "mine");
        }
        folder.keep(new byte[] {1});
        Files.writeString(path.resolve("pictures/.draft-y"), "half");
        RunFolder.replace(path);
        try (var walk = Files.walk(path)) {
            assertEquals(
                    List.of("own/.draft-x", "pictures/mine.txt", "poem.draft-2.txt"),
                    walk.filter(Files::isRegularFile)
                            .map(file -> path.relativize(file).toString().replace('\\', '/'))
                            .sorted()
                            .toList());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsSaidAndLeavesNothing() throws IOException {
        // /dev/full takes nothing, as a full disk.
        var folder = RunFolder.create(temp.resolve("run"));
        Files.createSymbolicLink(folder.resolve(".draft-a.txt"), Path.of("/dev/full"));
        assertSentence("the disk is full; free some space", () -> folder.write("a.txt", "x"));
        try (var entries = Files.list(folder.path())) {
            assertEquals(0, entries.count());
        }
        var events = Files.createSymbolicLink(folder.resolve("events.jsonl"), Path.of("/dev/full"));
        var log = EventLog.resume(events, 0);
        log.on(RandomRun.of(1).get(0));
        assertSentence("the disk is full; free some space", log::await);
        assertSentence(
                "the disk is full; free some space",
                () -> log.on(RandomRun.of(1).get(0)));
        assertSentence("the disk is full; free some space", log::close);
    }

    @Test
    void aManifestComesBack() throws IOException {
        var file = temp.resolve("manifest.json");
        var manifest = ManifestFile.of(((RunStarted) RandomRun.of(1).get(0)).manifest());
        Files.writeString(file, manifest.toJson());
        assertTrue(EventLogTest.same(manifest, ManifestFile.read(file)));
        var ended = manifest.ended(new Outcome.Cancelled(3), new Cost(1, 2, 3, 4));
        Files.writeString(file, ended.toJson());
        assertTrue(EventLogTest.same(ended, ManifestFile.read(file)));
        var decided = ended.decided(List.of(Decision.At.parse("3 kill 1"), Decision.At.parse("9 reweigh 0.5 clip")));
        Files.writeString(file, decided.toJson());
        assertTrue(EventLogTest.same(decided, ManifestFile.read(file)));
        Files.writeString(file, ended.toJson().replaceAll(",\\s*\"decisions\" : \\[ \\]", ""));
        assertFalse(Files.readString(file).contains("decisions"));
        assertEquals(List.of(), ManifestFile.read(file).script());
        Files.writeString(file, ended.toJson().replace("\"version\" : 1", "\"version\" : 9"));
        assertSentence("version 9", () -> ManifestFile.read(file));
        Files.writeString(file, "{\"format\":");
        assertSentence("is not readable", () -> ManifestFile.read(file));
        Files.write(file, new byte[] {'{', (byte) 0xFF});
        assertSentence("it is not UTF-8 text", () -> ManifestFile.read(file));
        assertSentence("there is no such file", () -> ManifestFile.read(temp.resolve("none")));
    }

    private static void assertSentence(String part, org.junit.jupiter.api.function.Executable action) {
        var error = assertThrows(TillerException.class, action);
        assertTrue(error.getMessage().contains(part), error.getMessage());
    }
}
