// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the disk says, in a sentence. */
public final class Disk {
    private Disk() {}

    /**
     * The error to throw: what cannot be done, why, and what to do about it.
     *
     * @param action what was tried, to be read after "Cannot"
     */
    public static TillerException problem(String action, Path path, IOException e) {
        String reason;
        if (e instanceof NoSuchFileException) {
            reason = "there is no such file";
        } else if (e instanceof AccessDeniedException) {
            reason = "permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            reason = "it exists already";
        } else if (e instanceof CharacterCodingException) {
            reason = "it is not UTF-8 text";
        } else if (String.valueOf(e.getMessage())
                .matches("(?i).*(no space left|not enough space|out of disk space).*")) {
            reason = "the disk is full; free some space and run again";
        } else {
            reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
        return new TillerException("Cannot " + action + " " + path + ": " + reason + ".", e);
    }
}
