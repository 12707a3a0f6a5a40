// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.method.ResumableRun;
import dev.tiller.record.EventLog;
import dev.tiller.record.RunFolder;
import dev.tiller.run.StepReport;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state that a run saves is written by the log's thread, which may be far behind the run. */
class SavedStateTest {
    @TempDir
    Path temp;

    private RunFolder folder;
    private Path state;
    private final CountDownLatch behind = new CountDownLatch(1);

    @BeforeEach
    void create() {
        folder = RunFolder.create(temp.resolve("run"));
        state = folder.resolve("state.safetensors");
    }

    /** A log whose thread does nothing until it is told. */
    private EventLog slow() {
        var log = EventLog.create(folder.resolve("events.jsonl"));
        log.then(position -> {
            try {
                behind.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return log;
    }

    @Test
    void aRunThatEndsLeavesNoStateHoweverLateItIsWritten() {
        try (var log = slow()) {
            RecordedRun.save(new Still(1), log, folder);
            RecordedRun.forget(log, folder);
            behind.countDown();
            log.await();
            assertFalse(Files.exists(state), "it would be gone on with, after its end");
        }
        assertFalse(Files.exists(state));
    }

    @Test
    void theLastStateThatWasSavedIsTheOneThatStays() {
        try (var log = slow()) {
            RecordedRun.save(new Still(1), log, folder);
            RecordedRun.save(new Still(2), log, folder);
            assertFalse(Files.exists(state), "its thread has not come so far");
            behind.countDown();
        }
        assertTrue(Files.exists(state));
        assertArrayEquals(new long[] {2}, SafeTensors.open(state).longs("made"));
    }

    /** A run that has nothing but a number to be saved. */
    private record Still(long made) implements ResumableRun {
        @Override
        public void save(SafeTensorsWriter to) {
            to.add("made", new long[] {made}, 1);
        }

        @Override
        public int[] order() {
            return new int[0];
        }

        @Override
        public boolean hasNext() {
            return false;
        }

        @Override
        public StepReport next() {
            throw new NoSuchElementException();
        }

        @Override
        public void close() {}
    }
}
