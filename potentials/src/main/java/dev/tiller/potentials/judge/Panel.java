// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.potentials.Sharing;
import dev.tiller.potentials.judge.Template.Unreadable;
import dev.tiller.potentials.judge.Template.Verdict;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Asks a judge: several questions at once, each again with growing pauses where it fails, each answer kept before it is
 * used, none paid for twice, and none beyond the budget. What is not answered after all is flagged.
 */
final class Panel implements AutoCloseable {
    private static final Sharing<Object, Panel> OPEN = new Sharing<>();

    /** What a picture of up to 1024 pixels a side and an answer cost at most with the judges known, in tokens. */
    private static final long TOKENS_FOR_PICTURE = 1600;

    private static final long TOKENS_FOR_ANSWER = 300;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    private final Object identity;
    private final Endpoint endpoint;
    private final ReplyCache cache;
    private final Budget budget;
    private final int retries;
    private final Duration pause;
    private final ExecutorService threads;
    private final Map<String, CompletableFuture<Reply>> asked = new ConcurrentHashMap<>();

    private Panel(
            Object identity,
            Endpoint endpoint,
            ReplyCache cache,
            Budget budget,
            int concurrency,
            int retries,
            Duration pause) {
        this.identity = identity;
        this.endpoint = endpoint;
        this.cache = cache;
        this.budget = budget;
        this.retries = retries;
        this.pause = pause;
        this.threads = Executors.newFixedThreadPool(concurrency, work -> {
            var thread = new Thread(work, "tiller-judge");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * The panel of a judge under certain options, the same for all that have it open at once: so is its budget.
     *
     * @param identity equal for what is one panel
     * @param concurrency questions under way at a time
     * @param retries how often a call that failed, and an answer that cannot be read, is asked for again
     * @param pause before the first repetition; it doubles each time
     */
    static Panel open(
            Object identity,
            Supplier<Endpoint> endpoint,
            ReplyCache cache,
            Budget budget,
            int concurrency,
            int retries,
            Duration pause) {
        return OPEN.open(
                identity, () -> new Panel(identity, endpoint.get(), cache, budget, concurrency, retries, pause));
    }

    /** What one of those who ask has paid. */
    static final class Bill {
        private long calls;
        private long tokens;

        private synchronized void call() {
            calls++;
        }

        private synchronized void tokens(long more) {
            tokens += more;
        }

        synchronized Cost cost() {
            return new Cost(0, 0, 0, 0, calls, tokens);
        }
    }

    /** A question and how its answer is read. */
    record Asking(Template template, Question question, int questions) {}

    /**
     * The verdicts, in order.
     *
     * @param bill what is paid is put on it
     * @throws TillerException if the budget does not reach, or the judge refuses for good; answers up to then are kept
     */
    List<Verdict> ask(List<Asking> askings, Bill bill) {
        var running = new ArrayList<Future<Verdict>>();
        for (var asking : askings) {
            Callable<Verdict> one = () -> verdict(asking, bill);
            running.add(threads.submit(one));
        }
        var verdicts = new ArrayList<Verdict>();
        try {
            for (var future : running) {
                verdicts.add(future.get());
            }
            return verdicts;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TillerException("The judge was interrupted; what was answered is kept.", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TillerException own ? own : new IllegalStateException(e.getCause());
        } finally {
            running.forEach(f -> f.cancel(false));
        }
    }

    private Verdict verdict(Asking asking, Bill bill) throws InterruptedException {
        var reason = "";
        for (int attempt = 0; attempt <= retries; attempt++) {
            try {
                return asking.template().verdict(reply(asking.question(), attempt, bill), asking.questions());
            } catch (Unreadable e) {
                reason = "the answer " + e.getMessage();
            } catch (Endpoint.Unavailable e) {
                return new Verdict(Double.NaN, "no answer: " + e.getMessage());
            }
        }
        return new Verdict(Double.NaN, reason);
    }

    /** From the cache, or from whoever asks the same just now, or from the judge. */
    private Reply reply(Question question, int attempt, Bill bill) throws InterruptedException {
        var hash = question.hash(endpoint.identity());
        var mine = new CompletableFuture<Reply>();
        var others = asked.putIfAbsent(hash + attempt, mine);
        if (others != null) {
            try {
                return others.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException own ? own : e;
            }
        }
        try {
            var known = cache.get(hash, attempt);
            var reply = known.isPresent() ? known.get() : pay(question, hash, attempt, bill);
            mine.complete(reply);
            return reply;
        } catch (RuntimeException | InterruptedException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            asked.remove(hash + attempt);
        }
    }

    private Reply pay(Question question, String hash, int attempt, Bill bill) throws InterruptedException {
        long estimate = question.text().length() / 2
                + TOKENS_FOR_ANSWER
                + TOKENS_FOR_PICTURE * question.pictures().size();
        for (int failures = 0; ; failures++) {
            budget.reserve(estimate);
            bill.call();
            long cost = 0;
            try {
                // Repeated, or made again after a kill, it is the same call.
                var reply = endpoint.ask(question, hash + "-" + attempt);
                // A judge that does not count is taken to have cost what was allowed for: a budget that never ends is
                // none.
                cost = reply.tokens() == 0 ? estimate : reply.tokens();
                cache.put(hash, attempt, endpoint.identity(), question, reply);
                return reply;
            } catch (Endpoint.Unavailable e) {
                if (failures >= retries) {
                    throw e;
                }
            } finally {
                budget.settle(estimate, cost);
                bill.tokens(cost);
            }
            // Different questions wait differently long, so that they do not all return at once.
            double spread = 0.75 + Math.floorMod(hash.hashCode() + failures, 512) / 1024.0;
            long millis = (long) (pause.toMillis() * Math.pow(2, failures) * spread);
            Thread.sleep(Math.min(LONGEST_PAUSE.toMillis(), millis));
        }
    }

    @Override
    public void close() {
        OPEN.release(identity, threads::shutdownNow);
    }
}
