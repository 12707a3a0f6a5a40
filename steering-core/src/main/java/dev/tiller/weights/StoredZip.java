// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the files of an uncompressed zip archive lie, which is all that is wanted of one: nothing is unpacked. Archives
 * that two readers could understand differently (names that differ between the directory and the entry, entries that
 * overlap, a name twice) are refused, as is anything compressed.
 */
final class StoredZip {
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_SIZE = 22;
    private static final int LARGEST_DIRECTORY = 64 << 20;
    private static final long UNKNOWN_32 = 0xffffffffL;

    private final Path file;
    private final FileChannel channel;

    /** The bytes [begin, end) of the file. */
    record Part(long begin, long end) {
        long size() {
            return end - begin;
        }
    }

    private StoredZip(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * The entries by name, in the order of the directory.
     *
     * @throws TillerException if it is no such archive
     */
    static Map<String, Part> read(Path file, FileChannel channel) throws IOException {
        return new StoredZip(file, channel).read();
    }

    /** Whether the file begins like a zip archive. */
    static boolean begins(FileChannel channel) throws IOException {
        var first = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        return channel.read(first, 0) == 4 && first.getInt(0) == LOCAL;
    }

    private Map<String, Part> read() throws IOException {
        var directory = directory();
        var parts = new LinkedHashMap<String, Part>();
        while (directory.remaining() >= 46 && directory.getInt(directory.position()) == CENTRAL) {
            int at = directory.position();
            int flags = directory.getShort(at + 8);
            int method = directory.getShort(at + 10);
            long packed = directory.getInt(at + 20) & UNKNOWN_32;
            long size = directory.getInt(at + 24) & UNKNOWN_32;
            int nameLength = directory.getShort(at + 28) & 0xffff;
            int extraLength = directory.getShort(at + 30) & 0xffff;
            int commentLength = directory.getShort(at + 32) & 0xffff;
            long offset = directory.getInt(at + 42) & UNKNOWN_32;
            int length = 46 + nameLength + extraLength + commentLength;
            require(directory.remaining() >= length, "has a directory that is cut off");
            var name = text(directory, at + 46, nameLength);
            var wide = wide(directory.slice(at + 46 + nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN));
            int used = 0;
            if (size == UNKNOWN_32) {
                size = wide(wide, used++);
            }
            if (packed == UNKNOWN_32) {
                packed = wide(wide, used++);
            }
            if (offset == UNKNOWN_32) {
                offset = wide(wide, used);
            }
            require((flags & 1) == 0, "is encrypted");
            require(
                    method == 0 && packed == size,
                    "has the compressed entry '" + name + "', so torch.save did not write it (a TorchScript program?)");
            require(
                    !name.startsWith("/")
                            && !name.contains("\\")
                            && !List.of(name.split("/")).contains(".."),
                    "has an entry whose name leaves the archive: '" + name + "'");
            require(parts.put(name, part(name, offset, size)) == null, "has the entry '" + name + "' twice");
            directory.position(at + length);
        }
        require(!parts.isEmpty() && !directory.hasRemaining(), "has a damaged directory");
        disjoint(parts);
        return parts;
    }

    private ByteBuffer directory() throws IOException {
        long fileSize = channel.size();
        require(fileSize >= END_SIZE, "is too short for an archive");
        int tailSize = (int) Math.min(fileSize, END_SIZE + 0xffff);
        var tail = bytes(fileSize - tailSize, tailSize);
        int end = tailSize - END_SIZE;
        while (end >= 0
                && (tail.getInt(end) != END || (tail.getShort(end + 20) & 0xffff) != tailSize - END_SIZE - end)) {
            end--;
        }
        require(end >= 0, "is no complete archive: it is truncated or damaged");
        long size = tail.getInt(end + 12) & UNKNOWN_32;
        long offset = tail.getInt(end + 16) & UNKNOWN_32;
        long endAt = fileSize - tailSize + end;
        if (offset == UNKNOWN_32 || size == UNKNOWN_32 || (tail.getShort(end + 10) & 0xffff) == 0xffff) {
            var locator = bytes(endAt - 20, 20);
            require(locator.getInt(0) == LOCATOR_64, "has a damaged directory");
            var wide = bytes(locator.getLong(8), 56);
            require(wide.getInt(0) == END_64, "has a damaged directory");
            size = wide.getLong(40);
            offset = wide.getLong(48);
        }
        require(size >= 0 && size <= LARGEST_DIRECTORY, "has a directory beyond all bounds");
        return bytes(offset, (int) size);
    }

    private Part part(String name, long offset, long size) throws IOException {
        var local = bytes(offset, 30);
        int nameLength = local.getShort(26) & 0xffff;
        int extraLength = local.getShort(28) & 0xffff;
        require(
                local.getInt(0) == LOCAL
                        && local.getShort(8) == 0
                        && text(bytes(offset + 30, nameLength), 0, nameLength).equals(name),
                "has an entry '" + name + "' that its directory describes differently");
        long begin = offset + 30 + nameLength + extraLength;
        require(size >= 0 && begin + size <= channel.size() && begin + size >= begin, "is truncated at '" + name + "'");
        return new Part(begin, begin + size);
    }

    private void disjoint(Map<String, Part> parts) {
        var sorted = new ArrayList<>(parts.values());
        sorted.sort(Comparator.comparingLong(Part::begin));
        for (int i = 1; i < sorted.size(); i++) {
            require(sorted.get(i).begin() >= sorted.get(i - 1).end(), "has entries that overlap");
        }
    }

    /** The 64-bit sizes of an extra field, in the order of the fields that they stand for. */
    private List<Long> wide(ByteBuffer extra) {
        var numbers = new ArrayList<Long>();
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int length = extra.getShort() & 0xffff;
            require(length <= extra.remaining(), "has a damaged directory");
            int end = extra.position() + length;
            while (id == 1 && extra.position() + 8 <= end) {
                numbers.add(extra.getLong());
            }
            extra.position(end);
        }
        return numbers;
    }

    private long wide(List<Long> numbers, int i) {
        require(i < numbers.size(), "has a damaged directory");
        return numbers.get(i);
    }

    private ByteBuffer bytes(long offset, int size) throws IOException {
        require(offset >= 0 && offset <= channel.size() - size, "points beyond its end");
        var bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.flip();
    }

    private static String text(ByteBuffer bytes, int at, int length) {
        var utf8 = new byte[length];
        bytes.get(at, utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new TillerException("The weight file " + file + " " + otherwise + ".");
        }
    }
}
