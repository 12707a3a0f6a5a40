// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.run.TillerException;

/** What is asked of settings, in sentences. */
final class Checks {
    private Checks() {}

    static void positive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new TillerException("The " + what + " must be a finite number above 0, but is " + value + ".");
        }
    }

    static void notNegative(String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new TillerException("The " + what + " must be a finite number from 0 up, but is " + value + ".");
        }
    }

    static void fraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new TillerException("The " + what + " must be at least 0 and below 1, but is " + value + ".");
        }
    }

    static void atLeast(int least, String what, int value) {
        if (value < least) {
            throw new TillerException("The " + what + " must be at least " + least + ", but is " + value + ".");
        }
    }
}
