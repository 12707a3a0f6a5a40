// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Threads that each compute on one core of their own. For work that falls into pieces this is faster than many threads
 * inside one operation, which wait for each other at the end of every operation.
 */
public final class Workers implements AutoCloseable {
    private final ExecutorService threads;
    private final int count;

    /** @param count at least 1 */
    public Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, work -> {
            var thread = new Thread(
                    () -> {
                        Engine.alone();
                        work.run();
                    },
                    "tiller-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The number of threads. */
    public int count() {
        return count;
    }

    /** How many of n rows each core takes at a time: an equal part, at most {@code most}. */
    public int part(int n, int most) {
        return Math.min(most, (n + count - 1) / count);
    }

    /**
     * f of x, whose rows are independent: each core takes an equal part, at most {@code most} rows at a time. A single
     * part is computed by the calling thread, with all threads inside its operations.
     *
     * @param f rows of x to as many rows
     */
    public Tensor rows(Tensor x, int most, UnaryOperator<Tensor> f) {
        int n = x.size();
        int size = part(n, most);
        if (size == n) {
            return f.apply(x);
        }
        try (var scope = Scope.open()) {
            var pieces = new ArrayList<Supplier<Tensor>>();
            for (int from = 0; from < n; from += size) {
                Tensor rows = x.rows(from, Math.min(n, from + size));
                pieces.add(() -> f.apply(rows));
            }
            return scope.keep(Tensor.concat(0, all(pieces)));
        }
    }

    /**
     * Does all pieces of work, and returns their results in order, which belong to the calling thread's innermost scope.
     * If one fails, the others are waited for, and its error is thrown.
     */
    public Tensor[] all(List<? extends Supplier<Tensor>> pieces) {
        if (Recording.isActive()) {
            throw new IllegalStateException("a computation that is recorded stays on its thread");
        }
        var running = new ArrayList<Future<Tensor>>();
        for (var piece : pieces) {
            running.add(threads.submit(piece::get));
        }
        var results = new ArrayList<Tensor>();
        RuntimeException failure = null;
        for (var future : running) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                failure = e.getCause() instanceof RuntimeException own ? own : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = new IllegalStateException("interrupted while waiting for the network", e);
            }
        }
        if (failure != null) {
            results.forEach(Tensor::close);
            throw failure;
        }
        var scope = Scope.current();
        if (scope != null) {
            results.forEach(scope::adopt);
        }
        return results.toArray(Tensor[]::new);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
