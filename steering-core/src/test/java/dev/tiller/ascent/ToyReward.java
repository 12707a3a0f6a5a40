// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.GradedObjective;
import dev.tiller.gradient.ToyVectors;
import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A reward of each row by formula, with its gradient by formula; it counts rows as rewards and backward passes. */
final class ToyReward implements GradedObjective<ToyVectors> {
    private final ToDoubleFunction<double[]> value;
    private final Function<double[], double[]> gradient;
    private long scored;
    private long graded;

    ToyReward(ToDoubleFunction<double[]> value, Function<double[], double[]> gradient) {
        this.value = value;
        this.gradient = gradient;
    }

    /** -curvature |x - centre|² / 2. */
    static ToyReward bowl(double curvature, double... centre) {
        return new ToyReward(
                x -> {
                    double sum = 0;
                    for (int j = 0; j < x.length; j++) {
                        sum += (x[j] - centre[j]) * (x[j] - centre[j]);
                    }
                    return -curvature * sum / 2;
                },
                x -> {
                    var g = new double[x.length];
                    for (int j = 0; j < x.length; j++) {
                        g[j] = -curvature * (x[j] - centre[j]);
                    }
                    return g;
                });
    }

    @Override
    public Scores score(ToyVectors x) {
        scored += x.size();
        var total = Arrays.stream(x.toRows()).mapToDouble(value).toArray();
        var first = Arrays.stream(x.toRows()).mapToDouble(row -> row[0]).toArray();
        return new Scores(total, Map.of("toy", total.clone()), Map.of("first", first));
    }

    @Override
    public Graded<ToyVectors> grade(ToyVectors x) {
        graded += x.size();
        return new Graded<>(
                score(x), x.withRows(Arrays.stream(x.toRows()).map(gradient).toArray(double[][]::new)));
    }

    @Override
    public Cost cost() {
        return new Cost(0, 0, scored, graded);
    }
}
