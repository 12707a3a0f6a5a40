// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.weights.ModelConfig;

/**
 * At which token a text is summed up. Configurations written before transformers knew the end token's number say {@code
 * eos_token_id: 2} and mean the largest number in the text, which the end token has in CLIP's own vocabulary.
 */
record Pooling(int eos) {
    private static final int LEGACY = 2;

    static Pooling of(ModelConfig config) {
        return new Pooling(config.integer("eos_token_id", 49407));
    }

    /** For each of the texts of that length, its first end token, counted through all of them. */
    int[] rows(long[] ids, int length) {
        var rows = new int[ids.length / length];
        for (int text = 0; text < rows.length; text++) {
            int best = text * length;
            for (int i = best; i < (text + 1) * length; i++) {
                if (eos == LEGACY ? ids[i] > ids[best] : ids[i] == eos && ids[best] != eos) {
                    best = i;
                }
            }
            rows[text] = best;
        }
        return rows;
    }
}
