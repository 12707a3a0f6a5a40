// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

/**
 * What a run has used, counted and not estimated. All counts are per row: a batch of 8 through the network is 8.
 *
 * @param networkEvaluations rows through the denoising network; classifier-free guidance counts two
 * @param decodes latents decoded to pixels
 * @param rewardCalls pictures looked at, summed over rewards
 * @param backwardPasses rows back-propagated through the network
 */
public record Cost(long networkEvaluations, long decodes, long rewardCalls, long backwardPasses) {
    public static final Cost NONE = new Cost(0, 0, 0, 0);

    public Cost plus(Cost other) {
        return new Cost(
                networkEvaluations + other.networkEvaluations,
                decodes + other.decodes,
                rewardCalls + other.rewardCalls,
                backwardPasses + other.backwardPasses);
    }

    /** What was used since {@code earlier}. */
    public Cost minus(Cost earlier) {
        return new Cost(
                networkEvaluations - earlier.networkEvaluations,
                decodes - earlier.decodes,
                rewardCalls - earlier.rewardCalls,
                backwardPasses - earlier.backwardPasses);
    }
}
