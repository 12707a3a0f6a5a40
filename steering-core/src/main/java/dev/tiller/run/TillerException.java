// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

/** Something the user can mend: the message is one clear sentence that says what is wrong and what to do. */
public class TillerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TillerException(String message) {
        super(message);
    }

    public TillerException(String message, Throwable cause) {
        super(message, cause);
    }
}
