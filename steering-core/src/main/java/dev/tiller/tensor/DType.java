// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.run.TillerException;
import java.util.Locale;

/** Element types; {@code code} is PyTorch's {@code c10::ScalarType} number. */
public enum DType {
    FLOAT64(7, 8),
    FLOAT32(6, 4),
    FLOAT16(5, 2),
    BFLOAT16(15, 2),
    INT64(4, 8),
    INT32(3, 4),
    INT8(1, 1),
    UINT8(0, 1),
    BOOL(11, 1);

    private final int code;
    private final int bytes;

    DType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    int code() {
        return code;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** Whether its numbers have fractions, and so may have gradients. */
    public boolean isFloating() {
        return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
    }

    /**
     * The floating type that a user names: {@code float32}, {@code float16}, {@code bfloat16}, {@code float64}, or the
     * short forms {@code f32}, {@code f16}, {@code bf16}, {@code f64}.
     *
     * @throws TillerException for any other word
     */
    public static DType parse(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "float64", "f64" -> FLOAT64;
            case "float32", "f32" -> FLOAT32;
            case "float16", "f16" -> FLOAT16;
            case "bfloat16", "bf16" -> BFLOAT16;
            default ->
                throw new TillerException(
                        "Unknown number type '" + name + "': use float32, bfloat16, float16 or float64.");
        };
    }
}
