// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples.judge;

import java.util.List;
import java.util.SplittableRandom;

/** What goes wrong with real judges, for a share of the requests, drawn at random from a seed. */
public final class Faults {
    /** One way to fail. */
    public enum Fault {
        NONE,
        /** No answer for a while. */
        SLOW,
        /** HTTP 429. */
        TOO_MANY,
        /** HTTP 500, whose body tells the request's key. */
        SERVER_ERROR,
        /** The line is cut in the middle of the answer. */
        CUT,
        /** The protocol's answer is no JSON. */
        GARBAGE,
        /** The model's words are none of the form that was asked for. */
        WRONG_WORDS
    }

    /** Answers of models that are no answers. */
    static final List<String> WRONG_WORDS = List.of(
            "{\"score\": 11, \"addressed\": false}",
            "{\"score\": NaN, \"addressed\": false}",
            "{\"score\": 3, \"addressed\": false} {\"score\": 9, \"addressed\": false}",
            "{\"score\": 3, \"score\": 9, \"addressed\": false}",
            "{\"score\": 7, \"addressed\": false, \"confidence\": 1}",
            "{\"score\": \"7\", \"addressed\": false}",
            "{\"score\": 7}",
            "I'm sorry, but I cannot judge this picture.",
            "7");

    private final SplittableRandom random;
    private final double share;
    private final List<Fault> kinds;

    /** @param share of the requests that fail, in [0, 1] */
    public Faults(long seed, double share, Fault... kinds) {
        this.random = new SplittableRandom(seed);
        this.share = share;
        this.kinds = List.of(kinds);
    }

    public static Faults none() {
        return new Faults(0, 0);
    }

    synchronized Fault next() {
        return random.nextDouble() < share ? kinds.get(random.nextInt(kinds.size())) : Fault.NONE;
    }

    synchronized String wrongWords() {
        return WRONG_WORDS.get(random.nextInt(WRONG_WORDS.size()));
    }
}
