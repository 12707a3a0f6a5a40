// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.run.TillerException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Published settings of noise optimisation.
 *
 * @param name the name of the command line
 * @param model the checkpoint that they are for
 * @param samplerSteps how many steps its sampler makes
 * @param eta how much noise its sampler adds on the way; 0 for none
 * @param plan how its noise is optimised
 * @param rewards what is climbed, by name with weights; CLIP and PickScore count as 100 cosines there. Empty where the
 *     paper takes one reward at a time
 * @param source where the settings are published
 */
public record Published(
        String name,
        String model,
        int samplerSteps,
        double eta,
        AscentPlan plan,
        Map<String, Double> rewards,
        String source) {
    private static final String RENO = "Eyring et al. 2024, arXiv:2406.04312, and the defaults of ExplainableML/ReNO";

    /** ReNO for SD-Turbo, one step. */
    public static final Published RENO_SD_TURBO = reno("reno-sd-turbo", "stabilityai/sd-turbo", 5);

    /** ReNO for SDXL-Turbo, one step. */
    public static final Published RENO_SDXL_TURBO = reno("reno-sdxl-turbo", "stabilityai/sdxl-turbo", 5);

    /** ReNO for PixArt-alpha DMD, one step. */
    public static final Published RENO_PIXART_DMD =
            reno("reno-pixart-dmd", "PixArt-alpha/PixArt-Alpha-DMD-XL-2-512x512", 5);

    /** ReNO for one-step Hyper-SDXL, for which its authors recommend twice the learning rate. */
    public static final Published RENO_HYPER_SDXL = reno("reno-hyper-sdxl", "ByteDance/Hyper-SD", 10);

    /** DNO for SD 1.5 through DDIM with eta 1: the initial noise and that of every step are optimised, by AdamW. */
    public static final Published DNO_SD15 = new Published(
            "dno-sd15",
            "stable-diffusion-v1-5/stable-diffusion-v1-5",
            50,
            1,
            AscentPlan.of(50, new Adam(0.01, 0.9, 0.999, 1e-8, 0.01))
                    .withClip(1)
                    .withPrior(new ProbabilityPrior(1, 4, 100)),
            Map.of(),
            "Tang et al. 2024, arXiv:2405.18881, with gamma 1, and TZW1998/Direct-Noise-Optimization");

    /** All of them. */
    public static final List<Published> ALL =
            List.of(RENO_SD_TURBO, RENO_SDXL_TURBO, RENO_PIXART_DMD, RENO_HYPER_SDXL, DNO_SD15);

    private static Published reno(String name, String model, double rate) {
        var plan = AscentPlan.of(50, new Sgd(rate, 0.9, true)).withClip(0.1).withPrior(new NormPrior(0.01));
        var weights = new LinkedHashMap<String, Double>();
        weights.put("hps", 5.0);
        weights.put("imagereward", 1.0);
        weights.put("pickscore", 0.05);
        weights.put("clip", 0.01);
        return new Published(name, model, 1, 0, plan, Collections.unmodifiableMap(weights), RENO);
    }

    /**
     * The settings of a name such as {@code reno-sd-turbo}.
     *
     * @throws TillerException if there are none; it lists all
     */
    public static Published named(String name) {
        return ALL.stream()
                .filter(p -> p.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new TillerException("There are no published settings '" + name + "'; choose one of "
                        + ALL.stream().map(Published::name).collect(Collectors.joining(", ")) + "."));
    }
}
