// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.TillerException;

/** A file of a run does not hold what it should. */
public final class CorruptRecordException extends TillerException {
    private static final long serialVersionUID = 1L;

    private final int line;

    /** @param line the offending line, counting from 1; 0 where the file has no lines */
    public CorruptRecordException(String message, int line) {
        super(message);
        this.line = line;
    }

    /** The offending line, counting from 1; 0 where the file has no lines. */
    public int line() {
        return line;
    }
}
