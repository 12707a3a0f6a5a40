// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every potential owes: whatever it pays early, with every resampler, policy, schedule and population, the steered
 * distribution and the normalising constant are right. A new potential enrols by a subclass of one line.
 */
public abstract class PotentialLaws {
    private static final int RUNS = 150;

    protected abstract Potential potential();

    @Test
    void everyCompositionSamplesTheTarget() {
        var exactness = new Exactness(RUNS);
        var key = Key.of(20250111);
        for (var toy : ExactToy.all()) {
            for (var plan : plans(toy)) {
                key = key.at(1);
                exactness.examine(toy, plan, key);
            }
        }
        assertEquals(List.of(), exactness.rejected(), () -> "of " + exactness.tests() + " tests");
        assertTrue(
                Math.abs(exactness.pooled("evidence")) < 4.5, () -> "all evidences: " + exactness.pooled("evidence"));
        assertTrue(exactness.meanSquare() > 0.8 && exactness.meanSquare() < 1.25, () -> "" + exactness.meanSquare());
        assertEquals(0, ToyBatch.alive());
    }

    private List<SteeringPlan> plans(ExactToy toy) {
        var plans = new ArrayList<SteeringPlan>();
        var schedules = List.of(ScoringSchedule.from(1, 2), new ScoringSchedule(1, 2, 1));
        for (var schedule : schedules) {
            var plan = SteeringPlan.fk(16, toy.lambda(), schedule).withPotential(potential());
            for (var resampling : resamplings()) {
                plans.add(plan.withResampling(resampling));
                if (!resampling.isNever()) {
                    plans.add(plan.withResampling(resampling)
                            .withPopulation(Population.of(16).then(1, 12).then(2, 20)));
                }
                if (schedule.every() > 1) {
                    plans.add(plan.withResampling(resampling)
                            .withPopulation(Population.of(6))
                            .withChildren(3));
                }
            }
            plans.add(plan.withTempering(Tempering.LINEAR));
        }
        return plans;
    }

    static List<Resampling> resamplings() {
        var all = new ArrayList<Resampling>();
        all.add(Resampling.never());
        for (var scheme : ResamplingScheme.values()) {
            all.add(Resampling.always(scheme));
            all.add(Resampling.whenEssBelow(0.7, scheme));
        }
        return all;
    }
}
