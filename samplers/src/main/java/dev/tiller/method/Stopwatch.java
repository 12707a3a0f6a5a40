// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Batch;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Where the time of a run goes, in seconds by name. One thread's. */
public final class Stopwatch {
    private final Map<String, Long> nanos = new LinkedHashMap<>();

    /** Does some work, and adds the time that it takes to a name. */
    public <T> T time(String what, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos.merge(what, System.nanoTime() - start, Long::sum);
        }
    }

    /** The same kernel, with its moves timed as {@code network}. */
    public <X extends Batch<X>> Kernel<X> timed(Kernel<X> kernel) {
        return new Kernel<>() {
            @Override
            public int steps() {
                return kernel.steps();
            }

            @Override
            public boolean stochastic() {
                return kernel.stochastic();
            }

            @Override
            public X start(int n, Key key) {
                return time("network", () -> kernel.start(n, key));
            }

            @Override
            public Move<X> move(int step, X x, Key key) {
                return time("network", () -> kernel.move(step, x, key));
            }

            @Override
            public Cost cost() {
                return kernel.cost();
            }
        };
    }

    /** The same objective, timed as {@code reward}: decoder, reward and the keeping of pictures. */
    public <X> Objective<X> timed(Objective<X> objective) {
        return new Objective<>() {
            @Override
            public Scores score(int step, X x) {
                return time("reward", () -> objective.score(step, x));
            }

            @Override
            public Cost cost() {
                return objective.cost();
            }
        };
    }

    /** The same objective, timed as {@code network}, which is where nearly all of its time goes. */
    <X extends Vectors<X>> GradedObjective<X> timed(GradedObjective<X> objective) {
        return new GradedObjective<>() {
            @Override
            public Scores score(X x) {
                return time("network", () -> objective.score(x));
            }

            @Override
            public Graded<X> grade(X x) {
                return time("network", () -> objective.grade(x));
            }

            @Override
            public Cost cost() {
                return objective.cost();
            }
        };
    }

    /** Names what is left of a whole when these parts are taken away. */
    public void share(String name, String whole, String... parts) {
        long rest = nanos.getOrDefault(whole, 0L);
        for (var part : parts) {
            rest -= nanos.getOrDefault(part, 0L);
        }
        nanos.put(name, rest);
    }

    /** Seconds by name, in the order in which they were first timed. */
    public Map<String, Double> seconds() {
        var seconds = new LinkedHashMap<String, Double>();
        nanos.forEach((what, n) -> seconds.put(what, n / 1e9));
        return seconds;
    }
}
