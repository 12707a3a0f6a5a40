// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.BenchPlan.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a benchmark will need.
 *
 * @param pictures to be made
 * @param evaluations of the network, at most
 * @param seconds estimated from two pictures made now, of the cells with the smallest and the largest budget
 * @param bytes of memory that the process held while it made them at most; 0 where the system does not say
 */
public record Estimation(long pictures, long evaluations, double seconds, long bytes) {

    /** Makes a picture of the cheapest and one of the dearest cell, and keeps neither. */
    public static Estimation of(BenchPlan plan, Bench bench) {
        var least = plan.cells().stream().min((a, b) -> a.budget() - b.budget()).orElseThrow();
        var most = plan.cells().stream().max((a, b) -> a.budget() - b.budget()).orElseThrow();
        // The first picture of a process pays for what is loaded late.
        bench.probe(new Unit(least, 0, 0));
        var small = bench.probe(new Unit(least, 0, 0));
        var large = bench.probe(new Unit(most, 0, 0));
        double slope = most.budget() == least.budget()
                ? small.seconds() / least.budget()
                : (large.seconds() - small.seconds()) / (most.budget() - least.budget());
        double each = Math.max(0, small.seconds() - slope * least.budget());
        long pictures = plan.units().size();
        long budgets = 0;
        for (var cell : plan.cells()) {
            budgets += (long) cell.budget()
                    * plan.images()
                    * plan.suite().prompts().size();
        }
        return new Estimation(pictures, budgets * bench.plainEvaluations(), each * pictures + slope * budgets, peak());
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
