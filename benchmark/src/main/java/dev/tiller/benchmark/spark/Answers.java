// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import dev.tiller.run.TillerException;
import java.io.Serializable;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaRDD;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * What the tasks of a job say, each as it comes: one answer of every partition, which has one element.
 *
 * @param <T> what an answer holds
 */
final class Answers<T extends Serializable> implements AutoCloseable {
    private static final long SOON_MILLIS = 100;

    private final BlockingQueue<Answer<T>> arrived;
    private final SimpleFutureAction<BoxedUnit> job;

    private Answers(BlockingQueue<Answer<T>> arrived, SimpleFutureAction<BoxedUnit> job) {
        this.arrived = arrived;
        this.job = job;
    }

    /** Begins a job that computes a data set. */
    static <T extends Serializable> Answers<T> of(JavaRDD<Answer<T>> tasks) {
        BlockingQueue<Answer<T>> arrived = new LinkedBlockingQueue<>();
        var partitions = IntStream.range(0, tasks.getNumPartitions())
                .<Object>mapToObj(i -> i)
                .toList();
        var job = tasks.context()
                .<Answer<T>, Answer<T>, BoxedUnit>submitJob(
                        tasks.rdd(),
                        new Only<>(),
                        CollectionConverters.asScala(partitions).toSeq(),
                        (partition, answer) -> {
                            arrived.add(answer);
                            return BoxedUnit.UNIT;
                        },
                        () -> BoxedUnit.UNIT);
        return new Answers<>(arrived, job);
    }

    /** The element of a partition. */
    private static final class Only<E> extends AbstractFunction1<Iterator<E>, E> implements Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public E apply(Iterator<E> partition) {
            return partition.next();
        }
    }

    /**
     * The next, if it comes within a moment.
     *
     * @throws TillerException if a task refused its work, or Spark has given up
     */
    Optional<T> nextSoon() {
        try {
            var answer = arrived.poll(SOON_MILLIS, TimeUnit.MILLISECONDS);
            if (answer == null && job.isCompleted()) {
                // The last one may have come between the two looks.
                answer = arrived.poll();
                if (answer == null) {
                    throw givenUp();
                }
            }
            return Optional.ofNullable(answer).map(Answer::value);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TillerException("The benchmark was interrupted; the same command goes on.", e);
        }
    }

    private TillerException givenUp() {
        var failure = job.value().get().failed().get();
        var what = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return new TillerException("Spark has given up: " + what.strip(), failure);
    }

    /** The next, as {@link #nextSoon}. */
    T next() {
        var answer = nextSoon();
        while (answer.isEmpty()) {
            answer = nextSoon();
        }
        return answer.get();
    }

    /** Ends the job's tasks. */
    @Override
    public void close() {
        job.cancel();
    }
}
