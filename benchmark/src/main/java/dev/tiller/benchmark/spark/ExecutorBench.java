// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.Bench;
import dev.tiller.benchmark.BenchPlan;
import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.io.Serializable;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.jspecify.annotations.Nullable;

/** The benchmark that this executor has loaded, models and all: one for the process, whose tasks take turns with it. */
final class ExecutorBench {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ReentrantLock TURN = new ReentrantLock(true);
    private static @Nullable ExecutorBench loaded;

    private final String text;
    private final BenchPlan plan;
    private final Bench bench;
    private final String planJson;

    private ExecutorBench(String text) {
        this.text = text;
        this.plan = BenchPlan.ofText(text);
        Card.choose(plan.plain().get(RunPlan.DEVICE), Card.given(TaskContext.get()));
        this.bench = Bench.load(plan, ModelLocator.ofEnvironment(System.getenv()), RewardCatalogue.load(Images.class));
        this.planJson = bench.planJson().toString();
    }

    /** Loads a plan's models, unless they are loaded. */
    static Answer<CheckedPlan> check(String plan) throws InterruptedException {
        return inTurn(
                plan,
                its -> new CheckedPlan(
                        its.planJson,
                        its.plan.units().stream().map(its.bench::recipe).toList()));
    }

    /**
     * Makes a part of a plan.
     *
     * @param expected the plan with what pictures depend on, as where it was checked
     * @param part places in the plan's units
     * @throws TaskKilledException if Spark ends the task
     */
    static Answer<MadePart> make(String plan, String expected, int[] part) throws InterruptedException {
        return inTurn(plan, its -> {
            its.require(expected);
            var units = its.plan.units();
            var task = TaskContext.get();
            var made = new MadePart();
            if (!its.bench.make(Arrays.stream(part).mapToObj(units::get).toList(), made::add, task::isInterrupted)) {
                throw new TaskKilledException("stopped");
            }
            return made;
        });
    }

    private static <T extends Serializable> Answer<T> inTurn(String plan, Function<ExecutorBench, T> work)
            throws InterruptedException {
        TURN.lockInterruptibly();
        try {
            var its = loaded;
            if (its == null || !its.text.equals(plan)) {
                unload();
                its = new ExecutorBench(plan);
                loaded = its;
            }
            Card.choose(its.plan.plain().get(RunPlan.DEVICE), Card.given(TaskContext.get()));
            return Answer.of(work.apply(its));
        } catch (TillerException e) {
            return Answer.refused("Executor " + SparkEnv.get().executorId() + ": " + e.getMessage());
        } finally {
            TURN.unlock();
        }
    }

    /** @throws TillerException if this executor's pictures would be others than those of the one that checked the plan */
    private void require(String expected) {
        if (!expected.equals(planJson)) {
            try {
                throw new TillerException("Its pictures would differ from those of the first executor ("
                        + String.join("; ", BenchPlan.differences(JSON.readTree(expected), JSON.readTree(planJson)))
                        + "); executors must be alike, and --threads say a number where theirs differ.");
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Closes what is loaded, if anything is. */
    static void unload() {
        TURN.lock();
        try {
            if (loaded != null) {
                loaded.bench.close();
                loaded = null;
            }
        } finally {
            TURN.unlock();
        }
    }
}
