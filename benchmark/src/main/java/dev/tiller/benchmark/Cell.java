// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.RunPlan;
import dev.tiller.record.RunFolder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A method at a level of compute.
 *
 * @param method as written, such as {@code fk} or {@code fk(lambda=10)}
 * @param budget how many times the network evaluations of one plain picture it may spend on a picture, at least 1
 * @param plan of its runs, all but the prompt and the seed
 */
public record Cell(String method, int budget, RunPlan plan) {
    static final String BASE = "base";
    static final String BEST_OF_N = "bon";
    /** Of a file name; file systems take 255 bytes. */
    private static final int LONGEST = 120;
    /** What says nothing about how a picture of a cell is made. */
    private static final List<String> NO_PART = List.of("prompt", "seed", "unsteered", "baseline");

    /** As in tables: {@code base}, {@code fk k=4}. */
    public String name() {
        return isBase() ? method : method + " k=" + budget;
    }

    /** As a file name, which other cells may have too; see {@link BenchPlan#fileName}. */
    String fileName() {
        var name = name().replaceAll("[^A-Za-z0-9.=-]+", "-");
        return name.length() <= LONGEST
                ? name
                : name.substring(0, LONGEST) + "-"
                        + RunFolder.sha256(name().getBytes(StandardCharsets.UTF_8))
                                .substring(0, 12);
    }

    public boolean isBase() {
        return plan.method().name().equals(BASE);
    }

    /** Whether it chooses among finished pictures, the baseline of all that spend as much. */
    public boolean isBestOfN() {
        return plan.method().name().equals(BEST_OF_N);
    }

    /** The options of its runs. */
    Map<String, Object> options() {
        var options = plan.toMap();
        options.keySet().removeAll(NO_PART);
        return options;
    }

    /** What it is steered by, as an expression. */
    String reward() {
        return plan.get(RunPlan.REWARD);
    }

    /** The name of its model. */
    String model() {
        return plan.get(RunPlan.MODEL);
    }
}
