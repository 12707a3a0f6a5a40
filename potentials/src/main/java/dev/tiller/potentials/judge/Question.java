// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * One question to a judge.
 *
 * @param template its words' name and version, such as {@code score/1}
 * @param text what is asked
 * @param pictures PNG files, without any text in them
 * @param logprobs whether the probabilities of the first word are wanted
 */
record Question(String template, String text, List<byte[]> pictures, boolean logprobs) {
    Question {
        pictures = List.copyOf(pictures);
    }

    /** SHA-256 over all that the answer depends on, and over which judge is asked. */
    String hash(String judge) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : List.of(judge, template, text, Boolean.toString(logprobs))) {
                add(digest, part.getBytes(StandardCharsets.UTF_8));
            }
            pictures.forEach(picture -> add(digest, picture));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void add(MessageDigest digest, byte[] part) {
        digest.update((part.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(part);
    }
}
