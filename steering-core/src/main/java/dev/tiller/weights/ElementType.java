// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

/** The element types of the safetensors format that can be read, by the format's own names. */
public enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U64(8),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Whether it has no numbers with a fraction. */
    public boolean isWhole() {
        return switch (this) {
            case F64, F32, F16, BF16 -> false;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> true;
        };
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }
}
