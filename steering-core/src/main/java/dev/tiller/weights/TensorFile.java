// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

/**
 * A file of tensors whose places are known and whose data stay on disk until they are asked for, and then are mapped, so
 * that opening a file of any size takes no memory.
 */
public sealed interface TensorFile permits SafeTensors, TorchFile {
    Path file();

    /** The tensors by name, in the order of their data. */
    Map<String, Entry> entries();

    /**
     * One tensor of a file.
     *
     * @param shape sizes of the dimensions, each at least 0; empty for a scalar
     * @param begin offset of its first byte from the start of the file
     * @param end offset after its last byte
     */
    record Entry(String name, ElementType type, long[] shape, long begin, long end) {
        /** The number of elements. */
        public long elements() {
            return (end - begin) / type.bytes();
        }
    }

    /**
     * One tensor's place.
     *
     * @throws TillerException if there is none of that name
     */
    default Entry entry(String name) {
        var entry = entries().get(name);
        if (entry == null) {
            throw new TillerException("The weight file " + file() + " holds no tensor '" + name + "'.");
        }
        return entry;
    }

    /** The bytes of one tensor, little-endian, mapped from the file; at most 2 GiB. */
    default ByteBuffer bytes(String name) {
        var entry = entry(name);
        if (entry.end() - entry.begin() > Integer.MAX_VALUE) {
            throw new TillerException(
                    "The tensor '" + name + "' of " + file() + " is too large to be read as one piece.");
        }
        try (var channel = FileChannel.open(file(), StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, entry.begin(), entry.end() - entry.begin())
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new TillerException("Cannot read the weight file " + file() + ": " + e.getMessage() + ".", e);
        }
    }

    /** The elements of one tensor of any type as doubles, in row-major order. */
    default double[] doubles(String name) {
        var type = entry(name).type();
        var bytes = bytes(name);
        var values = new double[Math.toIntExact(entry(name).elements())];
        Arrays.setAll(values, i -> element(bytes, i, type));
        return values;
    }

    /** The elements of one tensor of any type as floats, in row-major order. */
    default float[] floats(String name) {
        var type = entry(name).type();
        var bytes = bytes(name);
        var values = new float[Math.toIntExact(entry(name).elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) element(bytes, i, type);
        }
        return values;
    }

    /**
     * The elements of one tensor of an integer type, in row-major order.
     *
     * @throws TillerException if one is 2⁶³ or more
     */
    default long[] longs(String name) {
        var type = entry(name).type();
        var bytes = bytes(name);
        var values = new long[Math.toIntExact(entry(name).elements())];
        boolean long64 = type == ElementType.I64 || type == ElementType.U64;
        Arrays.setAll(values, i -> long64 ? bytes.getLong(i * 8) : (long) element(bytes, i, type));
        if (type == ElementType.U64 && Arrays.stream(values).anyMatch(value -> value < 0)) {
            throw new TillerException("The tensor '" + name + "' of " + file() + " holds a number of 2⁶³ or more.");
        }
        return values;
    }

    private static double element(ByteBuffer bytes, int i, ElementType type) {
        int at = i * type.bytes();
        return switch (type) {
            case F64 -> bytes.getDouble(at);
            case F32 -> bytes.getFloat(at);
            case F16 -> half(bytes.getShort(at));
            case BF16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
            case I64 -> bytes.getLong(at);
            case I32 -> bytes.getInt(at);
            case I16 -> bytes.getShort(at);
            case I8 -> bytes.get(at);
            case U64 -> unsigned(bytes.getLong(at));
            case U32 -> bytes.getInt(at) & 0xffff_ffffL;
            case U16 -> bytes.getShort(at) & 0xffff;
            case U8, BOOL -> bytes.get(at) & 0xff;
        };
    }

    private static double unsigned(long bits) {
        return bits < 0 ? ((bits >>> 1) | (bits & 1)) * 2.0 : bits;
    }

    /** IEEE 754 binary16. */
    private static double half(short bits) {
        int exponent = (bits >> 10) & 0x1f;
        int mantissa = bits & 0x3ff;
        double magnitude = exponent == 0
                ? mantissa * 0x1p-24
                : exponent == 31
                        ? (mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : (1 + mantissa * 0x1p-10) * Math.scalb(1.0, exponent - 15);
        return bits < 0 ? -magnitude : magnitude;
    }
}
