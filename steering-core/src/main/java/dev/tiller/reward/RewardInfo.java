// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

/**
 * What one should know of a reward before trusting it.
 *
 * @param name the name in the reward grammar, such as {@code clip}
 * @param description one line in plain words
 * @param unit unit and range of the values, such as "logit scale x cosine, about 0 to 30"
 * @param differentiable whether it is a {@link DifferentiableReward}
 * @param judgeOnly whether it judges results and should steer only when asked for by name
 */
public record RewardInfo(String name, String description, String unit, boolean differentiable, boolean judgeOnly) {}
