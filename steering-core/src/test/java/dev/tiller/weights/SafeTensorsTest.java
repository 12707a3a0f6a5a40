// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensorsException.Rule;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsTest {
    private static final String GOOD = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[12,16]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[3,1],\"data_offsets\":[0,12]}}  ";

    @TempDir
    Path folder;

    @Test
    void aGoodFileIsRead() throws IOException {
        var data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1.5f).putFloat(-2).putFloat(3).putShort((short) 0x3c00).putShort((short) 0xc500);
        var file = SafeTensors.open(write(GOOD, data.array()));
        assertEquals("pt", file.metadata().get("format"));
        assertArrayEquals(new float[] {1.5f, -2, 3}, file.floats("a"));
        assertArrayEquals(new double[] {1, -5}, file.doubles("b"));
        assertArrayEquals(new long[] {3, 1}, file.entry("a").shape());
        assertThrows(TillerException.class, () -> file.entry("c"));
    }

    @Test
    void everyElementTypeIsRead() throws IOException {
        var data = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        var header = new StringBuilder("{");
        for (var type : ElementType.values()) {
            int at = data.position();
            switch (type) {
                case F64 -> data.putDouble(-7);
                case F32 -> data.putFloat(-7);
                case F16 -> data.putShort((short) 0xc700);
                case BF16 -> data.putShort((short) 0xc0e0);
                case I64 -> data.putLong(-7);
                case I32 -> data.putInt(-7);
                case I16 -> data.putShort((short) -7);
                case I8 -> data.put((byte) -7);
                case U64 -> data.putLong(-1L << 11);
                case U32 -> data.putInt(-7);
                case U16 -> data.putShort((short) -7);
                case U8, BOOL -> data.put((byte) 1);
            }
            header.append(at == 0 ? "" : ",")
                    .append("\"%s\":{\"dtype\":\"%s\",\"shape\":[],\"data_offsets\":[%d,%d]}"
                            .formatted(type, type, at, data.position()));
        }
        var file = SafeTensors.open(write(header + "}", java.util.Arrays.copyOf(data.array(), data.position())));
        for (var type : ElementType.values()) {
            double expected = switch (type) {
                case U8, BOOL -> 1;
                case U16 -> 65536 - 7;
                case U32 -> 0x1p32 - 7;
                case U64 -> 0x1p64 - 0x1p11;
                default -> -7;
            };
            assertEquals(expected, file.doubles(type.name())[0], type.name());
            assertEquals((float) expected, file.floats(type.name())[0], type.name());
        }
        assertEquals(-7, file.longs("I64")[0]);
        assertEquals((1L << 32) - 7, file.longs("U32")[0]);
        assertThrows(TillerException.class, () -> file.longs("U64"));
    }

    static Stream<Arguments> broken() {
        String one = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        return Stream.of(
                Arguments.of(Rule.HEADER_NOT_JSON, " " + one, 4),
                Arguments.of(Rule.HEADER_NOT_JSON, "", 0),
                Arguments.of(Rule.HEADER_NOT_JSON, "{\"a\":", 0),
                Arguments.of(Rule.HEADER_NOT_JSON, one + "{}", 4),
                Arguments.of(Rule.HEADER_NOT_JSON, "{\"a\":[]}", 0),
                Arguments.of(Rule.TENSOR_FIELDS, "{" + "\"a\":{".repeat(100_000), 0),
                Arguments.of(Rule.HEADER_NOT_JSON, "{\"" + "a".repeat(100_000) + "\":1}", 0),
                Arguments.of(Rule.HEADER_NOT_JSON, one.replace("[1]", "[" + "1".repeat(2000) + "]"), 4),
                Arguments.of(Rule.DUPLICATE_KEY, one.substring(0, one.length() - 1) + "," + one.substring(1), 4),
                Arguments.of(Rule.METADATA, "{\"__metadata__\":{\"a\":1}}", 0),
                Arguments.of(Rule.TENSOR_FIELDS, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4),
                Arguments.of(Rule.TENSOR_FIELDS, one.replace("[0,4]", "[0,4,8]"), 4),
                Arguments.of(Rule.TENSOR_FIELDS, one.replace("\"shape\"", "\"strides\":1,\"shape\""), 4),
                Arguments.of(Rule.DTYPE, one.replace("F32", "F8_E4M3"), 4),
                Arguments.of(Rule.DTYPE, one.replace("F32", "complex"), 4),
                Arguments.of(Rule.SHAPE, one.replace("[1]", "[-1]"), 4),
                Arguments.of(Rule.SHAPE, one.replace("[1]", "[1.5]"), 4),
                Arguments.of(Rule.OFFSETS, one.replace("[0,", "[-0,"), 4),
                Arguments.of(Rule.HEADER_NOT_JSON, one.replace("\"a\"", "\"\\ud800\""), 4),
                Arguments.of(Rule.SHAPE, one.replace("[1]", "[99999999999999999999]"), 4),
                Arguments.of(Rule.SHAPE, one.replace("[1]", "[4294967296,4294967296]"), 4),
                Arguments.of(Rule.SHAPE, one.replace("[1]", "1"), 4),
                Arguments.of(Rule.OFFSETS, one, 3),
                Arguments.of(Rule.OFFSETS, one.replace("[0,4]", "[4,0]"), 4),
                Arguments.of(Rule.OFFSETS, one.replace("[0,4]", "[-4,0]"), 4),
                Arguments.of(Rule.SIZE, one.replace("[1]", "[2]"), 4),
                Arguments.of(
                        Rule.NOT_CONTIGUOUS,
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
                        3),
                Arguments.of(Rule.NOT_CONTIGUOUS, "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3),
                Arguments.of(Rule.TRAILING_BYTES, one, 5));
    }

    @ParameterizedTest
    @MethodSource
    void broken(Rule rule, String header, int dataBytes) throws IOException {
        var file = write(header, new byte[dataBytes]);
        var e = assertThrows(SafeTensorsException.class, () -> SafeTensors.open(file));
        assertEquals(rule, e.rule(), e.getMessage());
        assertTrue(e.getMessage().contains(file.toString()));
        assertTrue(e.getMessage().lines().count() == 1 && e.getMessage().length() < 500, e.getMessage());
    }

    @Test
    void lengthsBeyondReasonAreRefused() throws IOException {
        assertEquals(Rule.FILE_TOO_SHORT, rule(new byte[7]));
        assertEquals(Rule.HEADER_TOO_LARGE, rule(new byte[] {1, 1, 1, 1, 1, 1, 1, 1}));
        assertEquals(Rule.HEADER_TOO_LARGE, rule(new byte[] {1, 1, 1, 1, 1, 1, 1, -1}));
        assertEquals(Rule.HEADER_BEYOND_FILE, rule(new byte[] {1, 0, 0, 0, 0, 0, 0, 0}));
        assertEquals(Rule.HEADER_NOT_UTF8, rule(new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xff, '}'}));
    }

    @Test
    void aMissingFileAndAFolderAreExplained() {
        assertThrows(TillerException.class, () -> SafeTensors.open(folder.resolve("none")));
        assertThrows(TillerException.class, () -> SafeTensors.open(folder));
    }

    @Test
    void fourGibibytesAreOpenedWithoutBeingRead() throws IOException {
        long size = 4L << 30;
        var header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(size, size);
        var file = write(header, new byte[0]);
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(8 + header.length() + size);
        }
        assertEquals(size, SafeTensors.open(file).entry("a").elements());
    }

    /** 1,000 damaged headers: each is read or refused with a typed error, never anything else. */
    @Test
    void damageIsAlwaysATypedError() throws IOException {
        var random = new SplittableRandom(20261124);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            var bytes = GOOD.getBytes(StandardCharsets.UTF_8);
            for (int k = 0; k <= i % 4; k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            var file = folder.resolve("damaged");
            Files.write(
                    file,
                    ByteBuffer.allocate(8 + bytes.length + 16)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(bytes.length)
                            .put(bytes)
                            .array());
            try {
                SafeTensors.open(file);
            } catch (SafeTensorsException e) {
                refused++;
            }
        }
        assertTrue(refused > 650, refused + " of 1000 were refused");
    }

    private Rule rule(byte[] bytes) throws IOException {
        var file = Files.write(folder.resolve("short"), bytes);
        return assertThrows(SafeTensorsException.class, () -> SafeTensors.open(file))
                .rule();
    }

    private Path write(String header, byte[] data) throws IOException {
        var bytes = header.getBytes(StandardCharsets.UTF_8);
        return Files.write(
                folder.resolve("t.safetensors"),
                ByteBuffer.allocate(8 + bytes.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(bytes.length)
                        .put(bytes)
                        .put(data)
                        .array());
    }
}
