// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.run.TillerException;
import dev.tiller.smc.Potential;
import dev.tiller.smc.Resampling;
import dev.tiller.smc.ResamplingScheme;
import dev.tiller.smc.ScoringSchedule;
import dev.tiller.smc.SteeringPlan;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A method and its parameters, written {@code fk,lambda=3,potential=difference,from=15,every=5,ess=0.5} or {@code bon}.
 *
 * @param name as written: it names the setting in tables
 */
public record StudySetting(String name, SteeringPlan plan) {
    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>(Map.of(
            "particles", "4",
            "lambda", "3",
            "potential", "difference",
            "from", "15",
            "every", "5",
            "to", "1000000",
            "ess", "0.5",
            "children", "2",
            "resampler", "systematic"));

    /** @throws TillerException if it is not written so */
    public static StudySetting parse(String text) {
        var parts = text.split(",", -1);
        var values = new LinkedHashMap<>(DEFAULTS);
        for (int i = 1; i < parts.length; i++) {
            var pair = parts[i].split("=", -1);
            if (pair.length != 2 || values.replace(pair[0].strip(), pair[1].strip()) == null) {
                throw new TillerException("The setting '" + text + "' has an unknown part '" + parts[i]
                        + "'; there are " + String.join(", ", values.keySet()) + ".");
            }
        }
        return new StudySetting(text, plan(parts[0], values));
    }

    private static SteeringPlan plan(String method, Map<String, String> values) {
        int particles = (int) number(values, "particles");
        double lambda = number(values, "lambda");
        var schedule = new ScoringSchedule(
                (int) number(values, "from") - 1, (int) number(values, "to") - 1, (int) number(values, "every"));
        var potential = Potential.named(values.getOrDefault("potential", ""));
        var resampler = ResamplingScheme.named(values.getOrDefault("resampler", ""));
        double ess = number(values, "ess");
        return switch (method) {
            case "bon" -> SteeringPlan.bestOf(particles, lambda);
            case "fk" ->
                SteeringPlan.fk(particles, lambda, schedule)
                        .withPotential(potential)
                        .withResampling(
                                ess == 1 ? Resampling.always(resampler) : Resampling.whenEssBelow(ess, resampler));
            case "svdd" -> {
                int children = (int) number(values, "children");
                yield SteeringPlan.svdd(particles / children, children, lambda, schedule)
                        .withPotential(potential);
            }
            default -> throw new TillerException("There is no method '" + method + "'; there are bon, fk and svdd.");
        };
    }

    private static double number(Map<String, String> values, String key) {
        try {
            return Double.parseDouble(values.getOrDefault(key, ""));
        } catch (NumberFormatException e) {
            throw new TillerException(
                    "The setting's " + key + " should be a number, not '" + values.get(key) + "'.", e);
        }
    }
}
