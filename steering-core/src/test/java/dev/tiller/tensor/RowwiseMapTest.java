// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.gradient.Pullback;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The laws of pullbacks, where five rows are taken by two cores, two at a time. */
class RowwiseMapTest extends RecordedMapLaws {
    private static final Workers WORKERS = new Workers(2);

    @AfterAll
    static void end() {
        WORKERS.close();
    }

    private static Tensor f(Tensor x) {
        try (var scope = Scope.open()) {
            return scope.keep(Kernels.silu(x).times(x));
        }
    }

    @Override
    protected Pullback<Tensor, Tensor> map() {
        return new RowwiseMap(new RecordedMap(RowwiseMapTest::f, Checkpointing.AUTO), WORKERS, 2);
    }

    @Override
    protected long[] from() {
        return new long[] {5, 3};
    }

    @Override
    protected long[] to() {
        return new long[] {5, 3};
    }

    /** Rows that are pulled back together, and in parts, have the same gradient. */
    @Test
    void partsGiveWhatTheWholeGives() {
        try (var scope = Scope.open()) {
            var x = scope.adopt(point());
            var along = scope.adopt(cotangent(3));
            try (var parts = map().tape(x);
                    var whole = new RecordedMap(RowwiseMapTest::f, Checkpointing.OFF).tape(x)) {
                assertArrayEquals(whole.value().toDoubles(), parts.value().toDoubles());
                assertArrayEquals(
                        scope.adopt(whole.pull(along)).toDoubles(),
                        scope.adopt(parts.pull(along)).toDoubles());
            }
        }
    }

    @Test
    void aSinglePartStaysOnItsThread() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var map = new RowwiseMap(
                new RecordedMap(
                        x -> {
                            threads.add(Thread.currentThread());
                            return f(x);
                        },
                        Checkpointing.OFF),
                WORKERS,
                4);
        try (var x = point();
                var one = x.rows(0, 1)) {
            map.tape(one).close();
            assertEquals(Set.of(Thread.currentThread()), threads);
        }
    }

    /** Each part waits until the other has begun. */
    @Test
    void partsAreComputedSideBySide() {
        var both = new CyclicBarrier(2);
        var map = new RowwiseMap(
                new RecordedMap(
                        x -> {
                            assertDoesNotThrow(() -> both.await(60, TimeUnit.SECONDS));
                            return f(x);
                        },
                        Checkpointing.OFF),
                WORKERS,
                4);
        try (var x = point()) {
            map.tape(x).close();
        }
    }

    /** Or it would free what they read. The law that no tensor is left over holds here too. */
    @Test
    void aCallerThatIsInterruptedWaitsForItsParts() {
        var caller = Thread.currentThread();
        var done = new AtomicInteger();
        var map = new RowwiseMap(
                new RecordedMap(
                        x -> {
                            // Until it has noticed.
                            while (caller.isInterrupted()) {
                                Thread.onSpinWait();
                            }
                            done.incrementAndGet();
                            return f(x);
                        },
                        Checkpointing.OFF),
                WORKERS,
                2);
        try (var x = point()) {
            caller.interrupt();
            assertThrows(IllegalStateException.class, () -> map.apply(x));
            assertEquals(3, done.get());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    /** The law that no tensor is left over holds here too. */
    @Test
    void aPartThatFailsEndsAll() {
        var map = new RowwiseMap(
                new RecordedMap(
                        x -> {
                            if (x.size() == 1) {
                                throw new IllegalArgumentException("one row");
                            }
                            return f(x);
                        },
                        Checkpointing.OFF),
                WORKERS,
                2);
        try (var x = point()) {
            assertEquals(
                    "one row",
                    assertThrows(IllegalArgumentException.class, () -> map.tape(x))
                            .getMessage());
        }
    }
}
