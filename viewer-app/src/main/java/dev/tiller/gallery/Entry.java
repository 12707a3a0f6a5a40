// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A run as the gallery shows it.
 *
 * @param folder absolute
 * @param prompt what was asked for
 * @param method as after {@code --method}
 * @param model as after {@code --model}
 * @param reward the expression it was steered by; empty for none
 * @param best the best reward of its particles; NaN where nothing was judged
 * @param date when its manifest was written last: at its end, or at its beginning if it has none
 * @param state how it ended
 * @param picture the file in its folder that shows it best; empty if there is none yet
 * @param byHand whether somebody decided about its particles, in it or in a run that it goes on from
 * @param starred whether the user marked it
 * @param note the user's words; empty for none
 */
public record Entry(
        Path folder,
        String prompt,
        String method,
        String model,
        String reward,
        double best,
        Instant date,
        State state,
        Optional<Path> picture,
        boolean byHand,
        boolean starred,
        String note) {

    /** How a run ended. */
    public enum State {
        COMPLETED,
        /** By the user; it can be resumed. */
        STOPPED,
        FAILED,
        /** It goes on, or was killed. */
        UNFINISHED
    }
}
