// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

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

    /** Rows [from, to). */
    record Range(int from, int to) {}

    /** What each core takes of n rows. */
    List<Range> ranges(int n, int most) {
        int size = part(n, most);
        return IntStream.iterate(0, from -> from < n, from -> from + size)
                .mapToObj(from -> new Range(from, Math.min(n, from + size)))
                .toList();
    }

    /**
     * f of x, whose rows are independent: each core takes an equal part, at most {@code most} rows at a time. A single
     * part is computed by the calling thread, with all threads inside its operations.
     *
     * @param f rows of x to as many rows
     */
    public Tensor rows(Tensor x, int most, UnaryOperator<Tensor> f) {
        var ranges = ranges(x.size(), most);
        if (ranges.size() == 1) {
            return f.apply(x);
        }
        try (var scope = Scope.open()) {
            var pieces = new ArrayList<Supplier<Tensor>>();
            for (var range : ranges) {
                Tensor rows = x.rows(range.from, range.to);
                pieces.add(() -> f.apply(rows));
            }
            return scope.keep(Tensor.concat(0, all(pieces)));
        }
    }

    /**
     * Does all pieces of work, and returns their results in order, which belong to the calling thread's innermost scope.
     * If one fails, or the calling thread is interrupted, the others are waited for, and then an error is thrown.
     */
    public Tensor[] all(List<? extends Supplier<Tensor>> pieces) {
        var results = each(pieces, Tensor::close);
        var scope = Scope.current();
        if (scope != null) {
            results.forEach(scope::adopt);
        }
        return results.toArray(Tensor[]::new);
    }

    /** As {@link #all}, of anything; what came out beside a failure is given to {@code discard}. */
    <T> List<T> each(List<? extends Supplier<T>> pieces, Consumer<T> discard) {
        if (Recording.isActive()) {
            throw new IllegalStateException("a computation that is recorded stays on its thread");
        }
        var running = new ArrayList<Future<T>>();
        for (var piece : pieces) {
            running.add(threads.submit(piece::get));
        }
        var results = new ArrayList<T>();
        RuntimeException failure = null;
        boolean interrupted = false;
        while (!running.isEmpty()) {
            try {
                results.add(running.get(0).get());
                running.remove(0);
            } catch (ExecutionException e) {
                running.remove(0);
                failure = e.getCause() instanceof RuntimeException own ? own : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                // The pieces read what the caller frees once this has returned, so they are waited for.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            failure =
                    failure == null ? new IllegalStateException("interrupted while waiting for the network") : failure;
        }
        if (failure != null) {
            results.forEach(discard);
            throw failure;
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
