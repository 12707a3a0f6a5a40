// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Method;
import dev.tiller.method.RunPlan;
import dev.tiller.viewer.RoughTime;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a run would take, before it is started.
 *
 * @param evaluations of the network, forwards, with those of the unsteered pictures beside it
 * @param gradients whether there are also ways back, which take about twice as long
 * @param seconds by the speed of runs before; empty where there were none
 * @param bytes of memory, of the process; empty where the model is not known
 */
record RunOutlook(long evaluations, boolean gradients, OptionalDouble seconds, OptionalLong bytes) {
    static RunOutlook of(RunPlan plan, PastSpeed past, MemoryNeed memory) {
        long perStep = plan.evaluationsPerStep();
        int steps = plan.get(RunPlan.STEPS);
        long perPicture = perStep * steps;
        int left =
                plan.find(RunPlan.BRANCH_STEP).map(step -> steps - (step - 1)).orElse(steps);
        long steered = perStep * plan.method().moves(plan, steps) * left / steps;
        long beside = !plan.method().steers()
                ? 0
                : plan.get(RunPlan.BASELINE)
                        ? steered
                        : Math.min(plan.get(RunPlan.UNSTEERED), plan.get(RunPlan.PARTICLES)) * perPicture;
        boolean gradients = plan.method().needs().contains(Method.Need.GRADIENT);
        var speed = past.secondsPerEvaluation(plan);
        return new RunOutlook(
                steered + beside,
                gradients,
                speed.isPresent()
                        ? OptionalDouble.of(speed.getAsDouble() * (steered + beside))
                        : OptionalDouble.empty(),
                memory.of(plan));
    }

    /** One line. */
    String words() {
        return String.format(
                Locale.ROOT,
                "About %,d network evaluations%s%s%s.",
                evaluations,
                gradients ? ", with gradients" : "",
                seconds.isPresent() ? ", " + RoughTime.of(seconds.getAsDouble()) + " (as earlier runs took)" : "",
                bytes.isPresent() ? ", " + size(bytes.getAsLong()) + " of memory" : "");
    }

    private static String size(long bytes) {
        double tens = Math.round(bytes / 1e7);
        return tens < 100 ? Math.round(10 * tens) + " MB" : String.format(Locale.ROOT, "%.1f GB", tens / 100);
    }
}
