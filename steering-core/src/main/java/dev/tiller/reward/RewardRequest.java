// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * All that a reward is built from.
 *
 * @param prompt what the user asks for
 * @param options as written in the expression
 * @param models finds a model's folder by name or path; throws {@link dev.tiller.run.TillerException} if there is none
 * @param device what to compute on, such as {@code cpu} or {@code cuda:0}
 * @param warnings takes what the user should know, such as a prompt that had to be shortened
 */
public record RewardRequest(
        String prompt,
        Map<String, String> options,
        Function<String, Path> models,
        String device,
        Consumer<String> warnings) {
    public RewardRequest {
        options = RewardText.ordered(options);
    }

    /** Without options, on the CPU; warnings are not heard. */
    public RewardRequest(String prompt, Function<String, Path> models) {
        this(prompt, Map.of(), models, "cpu", w -> {});
    }

    /** The same with these options. */
    public RewardRequest with(Map<String, String> others) {
        return new RewardRequest(prompt, others, models, device, warnings);
    }

    /** The same for another prompt. */
    public RewardRequest of(String other) {
        return new RewardRequest(other, options, models, device, warnings);
    }

    /** The value of an option, or what it is when not given. */
    public String option(String key, String otherwise) {
        return options.getOrDefault(key, otherwise);
    }
}
