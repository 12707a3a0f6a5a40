// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final Executor NEW_THREAD = work -> new Thread(work).start();

    private static int threadsOfANewThread() {
        return CompletableFuture.supplyAsync(Engine::threads, NEW_THREAD).join();
    }

    /** Two runs in one process: the second begins on a thread of its own, after the first one's workers. */
    @Test
    void whatWorkersTakeForThemselvesIsNotWhatNewThreadsGet() {
        int before = Engine.threads();
        try {
            Engine.setThreads(3);
            assertEquals(3, threadsOfANewThread());
            try (var workers = new Workers(2)) {
                Supplier<Tensor> one = () -> Tensor.of(new double[] {Engine.threads()}, 1);
                for (Tensor threads : workers.all(List.of(one, one))) {
                    assertEquals(1, threads.toDoubles()[0]);
                    threads.close();
                }
            }
            assertEquals(3, Engine.threads());
            assertEquals(3, threadsOfANewThread());
        } finally {
            Engine.setThreads(before);
        }
    }
}
