// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import java.util.Map;

/**
 * What a judge answered, word for word.
 *
 * @param text as it came
 * @param firstWord log probabilities of what the first token could have been; empty where the judge gives none
 * @param tokens read and written, as the judge counts them
 */
record Reply(String text, Map<String, Double> firstWord, long tokens) {}
