// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a file that {@code torch.save} wrote ({@code .pt}, {@code .pth}, {@code .bin}, {@code .ckpt}; since
 * PyTorch 1.6 an uncompressed zip archive). The pickle inside is read as data, never run (see {@link Pickle}); tensors
 * are windows on the file. Of a training checkpoint the tensors under {@code state_dict}, {@code model} or {@code module}
 * are meant, and a prefix {@code module.} that all keys have is left out. Anything beside tensors is passed over.
 */
public final class TorchFile implements TensorFile {
    private static final int LARGEST_PICKLE = 128 << 20;
    private static final String PICKLE = "/data.pkl";
    private static final List<String> INSIDE = List.of("state_dict", "model_state_dict", "model", "module");
    private static final String PARALLEL = "module.";

    private final Path file;
    private final Map<String, Entry> entries;

    private TorchFile(Path file, Map<String, Entry> entries) {
        this.file = file;
        this.entries = entries;
    }

    /** Whether a name ends as files do that {@code torch.save} writes. */
    static boolean isNamedSo(Path file) {
        return file.getFileName().toString().matches(".*\\.(pt|pth|bin|ckpt)");
    }

    /**
     * Reads where the tensors lie.
     *
     * @throws TillerException if the file holds anything that could run code, is no such archive or is damaged
     */
    public static TorchFile open(Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (!StoredZip.begins(channel)) {
                throw new TillerException("The weight file " + file
                        + " is no archive of torch.save: files of PyTorch before 1.6 are not read; save it again with a"
                        + " newer one, or as safetensors.");
            }
            return new TorchFile(file, new Reader(file, StoredZip.read(file, channel)).entries(channel));
        } catch (NoSuchFileException e) {
            throw new TillerException("There is no weight file " + file + ".", e);
        } catch (IOException e) {
            throw new TillerException(
                    "Cannot read the weight file " + file + ": "
                            + (Files.isDirectory(file) ? "it is a folder" : e.getMessage()) + ".",
                    e);
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /** One archive being read. */
    private record Reader(Path file, Map<String, StoredZip.Part> parts) {

        Map<String, Entry> entries(FileChannel channel) throws IOException {
            var pickles = parts.keySet().stream()
                    .filter(name -> name.endsWith(PICKLE))
                    .toList();
            require(pickles.size() == 1, "is no archive of torch.save: it has " + pickles.size() + " files data.pkl");
            var root = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
            var order = parts.get(root + "/byteorder");
            require(
                    order == null || new String(bytes(channel, order, 16), StandardCharsets.US_ASCII).equals("little"),
                    "is big-endian, which is not supported");
            var value =
                    Pickle.read(file.toString(), ByteBuffer.wrap(bytes(channel, part(pickles.get(0)), LARGEST_PICKLE)));
            var views = new ArrayList<Entry>();
            tensors(value).forEach((name, view) -> views.add(entry(root, name, view)));
            require(!views.isEmpty(), "holds no tensors by name");
            views.sort(Comparator.comparingLong(Entry::begin).thenComparing(Entry::name));
            boolean parallel = views.stream().allMatch(e -> e.name().startsWith(PARALLEL));
            var entries = new LinkedHashMap<String, Entry>();
            for (var e : views) {
                var name = parallel ? e.name().substring(PARALLEL.length()) : e.name();
                entries.put(name, new Entry(name, e.type(), e.shape(), e.begin(), e.end()));
            }
            return entries;
        }

        private Map<String, Pickle.View> tensors(Object value) {
            if (!(value instanceof Map<?, ?> map)) {
                throw broken("holds no dictionary of tensors");
            }
            var found = new LinkedHashMap<String, Pickle.View>();
            map.forEach((key, tensor) -> {
                if (key instanceof String name && tensor instanceof Pickle.View view) {
                    found.put(name, view);
                }
            });
            for (var key : INSIDE) {
                if (found.isEmpty() && map.get(key) instanceof Map<?, ?> inner && inner != map) {
                    inner.forEach((name, tensor) -> {
                        if (name instanceof String text && tensor instanceof Pickle.View view) {
                            found.put(text, view);
                        }
                    });
                }
            }
            return found;
        }

        private Entry entry(String root, String name, Pickle.View view) {
            var storage = view.storage();
            var data = part(root + "/data/" + storage.key());
            long elements = 1;
            boolean dense = view.shape().length == view.strides().length;
            try {
                for (int i = view.shape().length - 1; dense && i >= 0; i--) {
                    long size = view.shape()[i];
                    require(size >= 0, "gives the tensor '" + name + "' a negative size");
                    dense = size <= 1 || view.strides()[i] == elements;
                    elements = Math.multiplyExact(elements, size);
                }
                require(dense || elements == 0, "holds the tensor '" + name + "' not in rows; save it contiguous");
                int bytes = storage.type().bytes();
                long begin = Math.addExact(data.begin(), Math.multiplyExact(view.offset(), bytes));
                long end = Math.addExact(begin, Math.multiplyExact(elements, bytes));
                require(
                        view.offset() >= 0 && begin >= data.begin() && end <= data.end(),
                        "is too short for the tensor '" + name + "': it is truncated or damaged");
                return new Entry(name, storage.type(), view.shape(), begin, end);
            } catch (ArithmeticException overflow) {
                throw new TillerException(
                        "The weight file " + file + " gives the tensor '" + name + "' a shape beyond all bounds.",
                        overflow);
            }
        }

        private StoredZip.Part part(String name) {
            var part = parts.get(name);
            if (part == null) {
                throw broken("lacks its part '" + name + "'");
            }
            return part;
        }

        private byte[] bytes(FileChannel channel, StoredZip.Part part, int most) throws IOException {
            require(part.size() <= most, "has a part beyond all bounds");
            var bytes = ByteBuffer.allocate((int) part.size());
            while (bytes.hasRemaining() && channel.read(bytes, part.begin() + bytes.position()) >= 0) {}
            return bytes.array();
        }

        private void require(boolean condition, String otherwise) {
            if (!condition) {
                throw broken(otherwise);
            }
        }

        private TillerException broken(String what) {
            return new TillerException("The weight file " + file + " " + what + ".");
        }
    }
}
