// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

/**
 * A prompt as a text encoder reads it: begin, the prompt's tokens, end, padding.
 *
 * @param ids token numbers, as many as the encoder has positions
 * @param mask 1 where {@code ids} is not padding, 0 where it is
 * @param lost how many of the prompt's last tokens had no room; 0 unless the prompt is too long
 */
public record Tokens(long[] ids, long[] mask, int lost) {}
