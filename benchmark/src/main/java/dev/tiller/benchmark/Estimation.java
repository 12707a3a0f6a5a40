// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.BenchPlan.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;

/**
 * What a benchmark will need.
 *
 * @param pictures to be made
 * @param evaluations of the network, at most
 * @param seconds estimated from a picture of each method made now, at its smallest budget
 * @param bytes of memory that the process held while it made them at most; 0 where the system does not say
 */
public record Estimation(long pictures, long evaluations, double seconds, long bytes) {

    /** Makes a picture of the cheapest cell of each method, and keeps none. */
    public static Estimation of(BenchPlan plan, Bench bench) {
        // The first picture of a process pays for what is loaded late.
        bench.probe(new Unit(plan.cells().get(0), 0, 0));
        var cheapest = new LinkedHashMap<String, Cell>();
        plan.cells()
                .forEach(cell -> cheapest.merge(
                        cell.method(), cell, (a, b) -> bench.evaluations(a) <= bench.evaluations(b) ? a : b));
        var perEvaluation = new HashMap<String, Double>();
        cheapest.forEach((method, cell) ->
                perEvaluation.put(method, bench.probe(new Unit(cell, 0, 0)).seconds() / bench.evaluations(cell)));
        long each = (long) plan.images() * plan.suite().prompts().size();
        long evaluations = 0;
        double seconds = 0;
        for (var cell : plan.cells()) {
            evaluations += each * bench.evaluations(cell);
            seconds += each * bench.evaluations(cell) * perEvaluation.getOrDefault(cell.method(), 0.0);
        }
        return new Estimation(plan.units().size(), evaluations, seconds, peak());
    }

    /** The largest resident memory of this process so far, where Linux says it. */
    private static long peak() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
