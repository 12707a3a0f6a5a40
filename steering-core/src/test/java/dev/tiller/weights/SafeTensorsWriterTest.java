// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadAgain() {
        var random = new Random(1);
        var floats = new float[5000];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        var doubles = random.doubles(3).toArray();
        var longs = new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE};
        var file = folder.resolve("x.safetensors");
        new SafeTensorsWriter()
                .add("f", floats, 50, 100)
                .add("a \"quoted\" name", doubles, 3)
                .add("l", longs, 2, 2)
                .add("scalar", new double[] {0.5})
                .add("none", new float[0], 4, 0)
                .note("seed", "1")
                .write(file);
        var read = SafeTensors.open(file);
        assertArrayEquals(floats, read.floats("f"));
        assertArrayEquals(new long[] {50, 100}, read.entry("f").shape());
        assertArrayEquals(doubles, read.doubles("a \"quoted\" name"));
        assertArrayEquals(longs, read.longs("l"));
        assertEquals(0, read.entry("scalar").shape().length);
        assertEquals(0, read.entry("none").elements());
        assertEquals(Map.of("seed", "1"), read.metadata());
        for (var entry : read.entries().values()) {
            assertEquals(0, entry.begin() % entry.type().bytes(), entry.name());
        }
    }

    @Test
    void theOrderOfAddingDoesNotMatterAndAnOldFileIsReplaced() throws IOException {
        var a = folder.resolve("a");
        var b = Files.writeString(folder.resolve("b"), "old");
        new SafeTensorsWriter()
                .add("x", new float[] {1}, 1)
                .add("y", new long[] {2}, 1)
                .write(a);
        new SafeTensorsWriter()
                .add("y", new long[] {2}, 1)
                .add("x", new float[] {1}, 1)
                .write(b);
        assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void wrongShapesAndNamesAreRefused() {
        var writer = new SafeTensorsWriter().add("x", new float[] {1}, 1);
        assertThrows(IllegalArgumentException.class, () -> writer.add("x", new float[] {1}, 1));
        assertThrows(IllegalArgumentException.class, () -> writer.add("__metadata__", new float[] {1}, 1));
        assertThrows(IllegalArgumentException.class, () -> writer.add("y", new float[] {1}, 2));
        assertThrows(TillerException.class, () -> writer.write(folder.resolve("missing/x")));
    }

    @Test
    void sha256OfTheStandardsExamples() throws IOException {
        var abc = Files.writeString(folder.resolve("abc"), "abc");
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.of(abc));
        var million = Files.writeString(folder.resolve("a"), "a".repeat(1_000_000));
        assertEquals("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Sha256.of(million));
        assertThrows(TillerException.class, () -> Sha256.of(folder.resolve("missing")));
    }

    @Test
    void whatIsReadAheadIsTheSameAndWhatCannotBeReadIsToldToThoseWhoAsk() throws IOException {
        var file = Files.writeString(folder.resolve("ahead"), "abc");
        var missing = folder.resolve("missing");
        var uncaught = new CopyOnWriteArrayList<Throwable>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        try {
            Sha256.ahead(() -> List.of(missing, file));
            Sha256.ahead(() -> {
                throw new TillerException("there are no weights");
            });
            assertTrue(ForkJoinPool.commonPool().awaitQuiescence(60, TimeUnit.SECONDS));
            assertEquals(List.of(), uncaught);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.of(file));
        assertThrows(TillerException.class, () -> Sha256.of(missing));
    }

    @Test
    void sha256OfAFileThatChangesIsWorkedOutAgain() throws IOException {
        var file = Files.writeString(folder.resolve("x"), "abc");
        var before = Sha256.of(file);
        assertEquals(before, Sha256.of(file));
        Files.writeString(file, "abcd");
        assertEquals("88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589", Sha256.of(file));
    }
}
