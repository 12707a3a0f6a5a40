// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.tiller.weights.SafeTensorsException.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The header of one safetensors file, checked. Names the file in every complaint. */
record SafeTensorsHeader(Map<String, TensorFile.Entry> entries, Map<String, String> metadata) {
    private static final long CAP = 100_000_000;
    private static final String METADATA = "__metadata__";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxNameLength(65_536)
                    .build())
            .build();

    static SafeTensorsHeader read(Path file, FileChannel channel) throws IOException {
        return new Reader(file).read(channel);
    }

    private record Reader(Path file) {

        SafeTensorsHeader read(FileChannel channel) throws IOException {
            long size = channel.size();
            if (size < 8) {
                throw broken(
                        Rule.FILE_TOO_SHORT, "has only " + size + " bytes: it is truncated or no safetensors file");
            }
            long length = bytes(channel, 0, 8).getLong();
            if (length < 0 || length > CAP) {
                throw broken(
                        Rule.HEADER_TOO_LARGE,
                        "claims a header of " + Long.toUnsignedString(length)
                                + " bytes (at most 100 MB are allowed): it is no safetensors file");
            }
            if (length > size - 8) {
                throw broken(
                        Rule.HEADER_BEYOND_FILE,
                        "claims a header of " + length + " bytes but has only " + size + ": it is truncated");
            }
            var header = bytes(channel, 8, (int) length);
            if (length == 0 || header.get(0) != '{') {
                throw broken(Rule.HEADER_NOT_JSON, "has a header that does not start with a brace");
            }
            return check(parse(utf8(header)), 8 + length, size);
        }

        private static ByteBuffer bytes(FileChannel channel, long from, int count) throws IOException {
            var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, from + buffer.position()) < 0) {
                    throw new IOException("it became shorter while it was read");
                }
            }
            return buffer.flip();
        }

        private String utf8(ByteBuffer bytes) {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            } catch (CharacterCodingException e) {
                throw new SafeTensorsException(Rule.HEADER_NOT_UTF8, sentence("has a header that is not UTF-8"), e);
            }
        }

        /** The entries with offsets as the header gives them, relative to the end of the header. */
        private SafeTensorsHeader parse(String json) {
            var entries = new LinkedHashMap<String, TensorFile.Entry>();
            var metadata = new LinkedHashMap<String, String>();
            try (var parser = JSON.createParser(json)) {
                expect(parser.nextToken() == JsonToken.START_OBJECT, "is not an object");
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    var name = parser.currentName();
                    expect(StandardCharsets.UTF_8.newEncoder().canEncode(name), "names a tensor by half a character");
                    expect(parser.nextToken() == JsonToken.START_OBJECT, "has no object at '" + name + "'");
                    if (name.equals(METADATA)) {
                        readMetadata(parser, metadata);
                    } else {
                        entries.put(name, readEntry(parser, name));
                    }
                }
                expect(parser.currentToken() == JsonToken.END_OBJECT, "does not end");
                expect(parser.nextToken() == null, "goes on after its end");
            } catch (JsonParseException e) {
                boolean twice = String.valueOf(e.getOriginalMessage()).startsWith("Duplicate field");
                throw new SafeTensorsException(
                        twice ? Rule.DUPLICATE_KEY : Rule.HEADER_NOT_JSON,
                        sentence(
                                twice
                                        ? "names a key twice in its header: " + e.getOriginalMessage()
                                        : "has a header that is not the JSON it should be: " + e.getOriginalMessage()),
                        e);
            } catch (JsonProcessingException e) {
                throw new SafeTensorsException(
                        Rule.HEADER_NOT_JSON,
                        sentence("has a header that is not the JSON it should be: " + e.getOriginalMessage()),
                        e);
            } catch (IOException e) {
                throw new UncheckedIOException("a text cannot fail to be read", e);
            }
            return new SafeTensorsHeader(entries, metadata);
        }

        private void readMetadata(JsonParser parser, Map<String, String> metadata) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var key = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw broken(Rule.METADATA, "has something other than a text under __metadata__, '" + key + "'");
                }
                metadata.put(key, parser.getText());
            }
        }

        private TensorFile.Entry readEntry(JsonParser parser, String name) throws IOException {
            String dtype = null;
            long[] shape = null;
            long[] offsets = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "dtype" -> dtype = parser.getText();
                    case "shape" -> shape = numbers(parser, name, Rule.SHAPE);
                    case "data_offsets" -> offsets = numbers(parser, name, Rule.OFFSETS);
                    default ->
                        throw broken(
                                Rule.TENSOR_FIELDS,
                                "has an unknown field '" + field + "' at the tensor '" + name + "'");
                }
            }
            if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
                throw broken(Rule.TENSOR_FIELDS, "lacks dtype, shape or two data_offsets at the tensor '" + name + "'");
            }
            return new TensorFile.Entry(name, type(dtype, name), shape, offsets[0], offsets[1]);
        }

        private long[] numbers(JsonParser parser, String name, Rule rule) throws IOException {
            var numbers = new ArrayList<Long>();
            boolean fine = parser.currentToken() == JsonToken.START_ARRAY;
            while (fine && parser.nextToken() != JsonToken.END_ARRAY) {
                fine = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                        && !parser.getText().startsWith("-");
                if (fine) {
                    numbers.add(parser.getLongValue());
                }
            }
            if (!fine) {
                throw broken(rule, "has a bad number at the tensor '" + name + "': whole numbers from 0 are wanted");
            }
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }

        private ElementType type(String dtype, String name) {
            for (var type : ElementType.values()) {
                if (type.name().equals(dtype)) {
                    return type;
                }
            }
            throw broken(
                    Rule.DTYPE,
                    "holds the tensor '" + name + "' of the element type " + dtype + ", which is not supported");
        }

        /** Checks sizes and ranges, and returns the entries with absolute offsets in the order of their data. */
        private SafeTensorsHeader check(SafeTensorsHeader raw, long dataBegin, long fileSize) {
            List<TensorFile.Entry> sorted = new ArrayList<>(raw.entries.values());
            sorted.sort(Comparator.comparingLong(TensorFile.Entry::begin).thenComparingLong(TensorFile.Entry::end));
            var checked = new LinkedHashMap<String, TensorFile.Entry>();
            long dataSize = fileSize - dataBegin;
            long at = 0;
            for (var e : sorted) {
                if (e.begin() > e.end() || e.end() > dataSize) {
                    throw broken(
                            Rule.OFFSETS,
                            "places the tensor '" + e.name() + "' at bytes " + e.begin() + " to " + e.end() + " of "
                                    + dataSize + ": it is truncated or damaged");
                }
                if (e.end() - e.begin() != size(e)) {
                    throw broken(
                            Rule.SIZE,
                            "gives the tensor '" + e.name() + "' " + (e.end() - e.begin())
                                    + " bytes where its type and shape need " + size(e));
                }
                if (e.begin() != at) {
                    throw broken(
                            Rule.NOT_CONTIGUOUS,
                            (e.begin() < at ? "has overlapping data" : "has a hole in its data")
                                    + " before the tensor '" + e.name() + "'");
                }
                at = e.end();
                checked.put(
                        e.name(),
                        new TensorFile.Entry(
                                e.name(), e.type(), e.shape(), e.begin() + dataBegin, e.end() + dataBegin));
            }
            if (at != dataSize) {
                throw broken(Rule.TRAILING_BYTES, "has " + (dataSize - at) + " bytes that belong to no tensor");
            }
            return new SafeTensorsHeader(checked, raw.metadata);
        }

        private long size(TensorFile.Entry e) {
            try {
                long size = e.type().bytes();
                for (long s : e.shape()) {
                    size = Math.multiplyExact(size, s);
                }
                return size;
            } catch (ArithmeticException overflow) {
                throw new SafeTensorsException(
                        Rule.SHAPE,
                        sentence("gives the tensor '" + e.name() + "' a shape beyond all bounds"),
                        overflow);
            }
        }

        private void expect(boolean condition, String otherwise) {
            if (!condition) {
                throw broken(Rule.HEADER_NOT_JSON, "has a header that " + otherwise);
            }
        }

        private SafeTensorsException broken(Rule rule, String what) {
            return new SafeTensorsException(rule, sentence(what));
        }

        private String sentence(String what) {
            return "The weight file " + file + " " + what + ".";
        }
    }
}
