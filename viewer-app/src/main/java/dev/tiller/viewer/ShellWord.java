// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

/** A word of a command line. */
public final class ShellWord {
    private ShellWord() {}

    /** As it has to be typed in a POSIX shell, so that it arrives as it is. */
    public static String quoted(String word) {
        return word.matches("[A-Za-z0-9._/:=+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
