// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;

/** A safetensors file that breaks a rule of the format. */
public final class SafeTensorsException extends TillerException {
    private static final long serialVersionUID = 1L;

    /** The rules of the format. */
    public enum Rule {
        /** The file holds at least the eight bytes of the header's length. */
        FILE_TOO_SHORT,
        /** The header is at most 100 MB. */
        HEADER_TOO_LARGE,
        /** The header ends within the file. */
        HEADER_BEYOND_FILE,
        /** The header is UTF-8. */
        HEADER_NOT_UTF8,
        /** The header is one JSON object that starts with its brace and is of the format's shape. */
        HEADER_NOT_JSON,
        /** No key stands twice. */
        DUPLICATE_KEY,
        /** {@code __metadata__} maps texts to texts. */
        METADATA,
        /** A tensor has dtype, shape and data_offsets and nothing else. */
        TENSOR_FIELDS,
        /** The dtype is known. */
        DTYPE,
        /** Sizes are not negative and their product does not overflow. */
        SHAPE,
        /** begin ≤ end, and both lie within the file. */
        OFFSETS,
        /** The range is as long as dtype and shape say. */
        SIZE,
        /** No two ranges overlap and there are no holes between them. */
        NOT_CONTIGUOUS,
        /** The last range ends where the file ends. */
        TRAILING_BYTES,
        /** An index names each tensor once, in files of its own folder that hold it. */
        INDEX
    }

    private final Rule rule;

    SafeTensorsException(Rule rule, String message) {
        super(message);
        this.rule = rule;
    }

    SafeTensorsException(Rule rule, String message, Throwable cause) {
        super(message, cause);
        this.rule = rule;
    }

    /** The rule that is broken. */
    public Rule rule() {
        return rule;
    }
}
