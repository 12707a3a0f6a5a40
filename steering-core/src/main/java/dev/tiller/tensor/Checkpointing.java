// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

/** What a {@link Recording} keeps of a computation: memory against time. The gradients are the same. */
public enum Checkpointing {
    /** Only what blocks give; each block is computed again when it is its turn backwards (Chen et al. 2016). */
    ON,
    /** Everything that is needed backwards. */
    OFF,
    /**
     * Of a {@linkplain Recording#stage stage} only its results; of what is being computed or pulled back everything, while more
     * than half of the memory that was at hand is left, and from then on as {@link #ON}.
     */
    AUTO
}
