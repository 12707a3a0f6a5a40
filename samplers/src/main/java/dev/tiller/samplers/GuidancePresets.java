// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import dev.tiller.guide.FlowGuidance;
import dev.tiller.guide.GuidanceSettings;
import dev.tiller.guide.Schedule;
import dev.tiller.guide.StepRule;
import dev.tiller.guide.Window;
import dev.tiller.run.TillerException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Strengths for latents under a reward such as CLIP's, where the papers' own ({@link GuidanceSettings}) are for their rewards
 * and pictures. The gradient of the embedded model's {@code clip} has a norm of 10 to 60 in the early steps, over 1024 numbers of
 * unit noise.
 *
 * <p>Those of dps, freedom, universal and flows were chosen among three or four each, on forty prompts that no table of results
 * is about, 20 steps, the same noises, by the verifier, which steers nothing (docs/steering.md). Those of tds and das move a tenth of
 * a step's noise or less, and what comes out hardly depends on them; tfg's is set by the size of its moves alone.
 */
public final class GuidancePresets {
    /** Under resampling any strength is right, and one whose moves are shorter than their noise keeps the weights even. */
    private static final double PROPOSAL = 0.05;

    private static final Map<String, GuidanceSettings> KNOWN = new TreeMap<>(Map.of(
            // A reward that is no distance: the step of DPS without its normalisation, as TFG has it among its special
            // cases.
            "dps", GuidanceSettings.of(StepRule.SCALED, 0.15).withMaxNorm(20),
            "freedom", GuidanceSettings.FREEDOM.withStrength(0.1).withRecurrence(2, new Window(0.2, 0.5)),
            "universal",
                    GuidanceSettings.UNIVERSAL
                            .withStrength(1)
                            .withRecurrence(2, new Window(0.2, 0.5))
                            .withMaxNorm(20),
            "tfg",
                    GuidanceSettings.TFG
                            .withStrength(0.03)
                            .withClean(0.03, Schedule.INCREASE, 4)
                            .withMaxNorm(20),
            "tds", GuidanceSettings.TDS.withStrength(PROPOSAL).withMaxNorm(20),
            "das", GuidanceSettings.DAS.withStrength(PROPOSAL).withMaxNorm(20)));

    /**
     * For flows, under {@code NoiseAwareReward.atPredictedClean} and under a reward that understands noise, whose weight is 1 where
     * r(x_t, t) = log p(prompt | x_t); the embedded one gives the same at 1 and at 30, and worse at 100.
     */
    public static final FlowGuidance.Settings FLOW = new FlowGuidance.Settings(1, 1, 0, 5);

    private GuidancePresets() {}

    /**
     * By the name of a method: dps, freedom, universal, tfg, tds, das.
     *
     * @throws TillerException if there is none of that name
     */
    public static GuidanceSettings named(String method) {
        var settings = KNOWN.get(method.toLowerCase(Locale.ROOT));
        if (settings == null) {
            throw new TillerException(
                    "There is no guidance '" + method + "'; choose one of " + String.join(", ", KNOWN.keySet()) + ".");
        }
        return settings;
    }
}
