// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

/**
 * What a run has used, counted and not estimated. All counts are per row: a batch of 8 through the network is 8.
 *
 * @param networkEvaluations rows through the denoising network; classifier-free guidance counts two
 * @param decodes latents decoded to pixels
 * @param rewardCalls pictures looked at, summed over rewards
 * @param backwardPasses rows back-propagated through the network
 * @param judgeCalls calls of judges over the network, each of which may cost money; answers from the cache are none
 * @param judgeTokens tokens that these judges read and wrote, as they count them
 */
public record Cost(
        long networkEvaluations,
        long decodes,
        long rewardCalls,
        long backwardPasses,
        long judgeCalls,
        long judgeTokens) {
    public static final Cost NONE = new Cost(0, 0, 0, 0);

    /** Without judges. */
    public Cost(long networkEvaluations, long decodes, long rewardCalls, long backwardPasses) {
        this(networkEvaluations, decodes, rewardCalls, backwardPasses, 0, 0);
    }

    /** The two together. */
    public Cost plus(Cost other) {
        return new Cost(
                networkEvaluations + other.networkEvaluations,
                decodes + other.decodes,
                rewardCalls + other.rewardCalls,
                backwardPasses + other.backwardPasses,
                judgeCalls + other.judgeCalls,
                judgeTokens + other.judgeTokens);
    }

    /** What was used since {@code earlier}. */
    public Cost minus(Cost earlier) {
        return new Cost(
                networkEvaluations - earlier.networkEvaluations,
                decodes - earlier.decodes,
                rewardCalls - earlier.rewardCalls,
                backwardPasses - earlier.backwardPasses,
                judgeCalls - earlier.judgeCalls,
                judgeTokens - earlier.judgeTokens);
    }
}
