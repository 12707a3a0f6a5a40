// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a safetensors file of named arrays. The same arrays give the same bytes, whatever the order they were added
 * in: the widest types come first, then names in alphabetical order, so that every array is aligned.
 */
public final class SafeTensorsWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, Array> arrays = new TreeMap<>();
    private final Map<String, String> metadata = new TreeMap<>();

    private record Array(ElementType type, long[] shape, int length, Filler filler) {}

    /** Puts element i into the buffer. */
    private interface Filler {
        void put(ByteBuffer bytes, int i);
    }

    /** Adds a float32 array; it is read when the file is written. */
    public SafeTensorsWriter add(String name, float[] values, long... shape) {
        return add(name, ElementType.F32, values.length, (bytes, i) -> bytes.putFloat(values[i]), shape);
    }

    /** Adds a float64 array; it is read when the file is written. */
    public SafeTensorsWriter add(String name, double[] values, long... shape) {
        return add(name, ElementType.F64, values.length, (bytes, i) -> bytes.putDouble(values[i]), shape);
    }

    /** Adds an int64 array; it is read when the file is written. */
    public SafeTensorsWriter add(String name, long[] values, long... shape) {
        return add(name, ElementType.I64, values.length, (bytes, i) -> bytes.putLong(values[i]), shape);
    }

    private SafeTensorsWriter add(String name, ElementType type, int length, Filler filler, long... shape) {
        if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != length) {
            throw new IllegalArgumentException(length + " values for the shape " + Arrays.toString(shape));
        }
        if (name.equals("__metadata__")
                || arrays.putIfAbsent(name, new Array(type, shape.clone(), length, filler)) != null) {
            throw new IllegalArgumentException("the name '" + name + "' is taken");
        }
        return this;
    }

    /** Adds a text to the file's {@code __metadata__}. */
    public SafeTensorsWriter note(String key, String text) {
        metadata.put(key, text);
        return this;
    }

    /**
     * Writes the file: at no moment is there a file of that name that is only partly written.
     *
     * @throws TillerException if it cannot be written
     */
    public void write(Path file) {
        try {
            var folder = file.toAbsolutePath().getParent();
            var part = Files.createTempFile(folder, file.getFileName() + ".", ".part");
            try {
                try (var out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16)) {
                    write(out);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw Disk.problem("write", file, e);
        }
    }

    private void write(OutputStream out) throws IOException {
        var ordered = arrays.entrySet().stream()
                .sorted((a, b) -> Integer.compare(
                        b.getValue().type.bytes(), a.getValue().type.bytes()))
                .toList();
        var header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            var notes = header.putObject("__metadata__");
            metadata.forEach(notes::put);
        }
        long at = 0;
        for (var each : ordered) {
            long end = at + (long) each.getValue().length * each.getValue().type.bytes();
            describe(header.putObject(each.getKey()), each.getValue(), at, end);
            at = end;
        }
        var json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        var length = new byte[8];
        littleEndian(length).putLong(padded);
        out.write(length);
        out.write(json);
        out.write(" ".repeat(padded - json.length).getBytes(StandardCharsets.UTF_8));
        for (var each : ordered) {
            write(each.getValue(), out);
        }
    }

    private static void describe(ObjectNode node, Array array, long begin, long end) {
        node.put("dtype", array.type.name());
        var shape = node.putArray("shape");
        Arrays.stream(array.shape).forEach(shape::add);
        node.putArray("data_offsets").add(begin).add(end);
    }

    private static void write(Array array, OutputStream out) throws IOException {
        var buffer = new byte[1 << 13];
        var bytes = littleEndian(buffer);
        for (int i = 0; i < array.length; i++) {
            array.filler.put(bytes, i);
            if (!bytes.hasRemaining() || i == array.length - 1) {
                out.write(buffer, 0, bytes.position());
                bytes.clear();
            }
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
