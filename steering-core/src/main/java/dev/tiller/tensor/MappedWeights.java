// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import dev.tiller.weights.ElementType;
import dev.tiller.weights.TensorFile;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Weights mapped from files: opening takes no time and no memory, whatever the size, and a tensor that is
 * already of the compute type, on the CPU, is a window on the file. Others are copied when they are asked for. Closing
 * it leaves the tensors that it gave as they are.
 */
public final class MappedWeights implements Weights, AutoCloseable {
    private final WeightFiles files;
    private final DType dtype;
    private final Device device;
    private final Scope maps;
    private final Map<Window, Tensor> windows = new ConcurrentHashMap<>();

    /** A whole file seen as elements of one type. */
    private record Window(Path file, DType type) {}

    private MappedWeights(WeightFiles files, DType dtype, Device device, Scope maps) {
        this.files = files;
        this.dtype = dtype;
        this.device = device;
        this.maps = maps;
    }

    /**
     * @param dtype what floating tensors are given as; integers keep their type
     * @throws dev.tiller.run.TillerException if the device is not usable
     */
    public static MappedWeights open(WeightFiles files, DType dtype, Device device) {
        Engine.require(device);
        return Scope.holding(scope -> new MappedWeights(files, dtype, device, scope));
    }

    @Override
    public Tensor get(String key) {
        WeightFiles.Place place = files.place(key);
        try (var scope = Scope.open()) {
            Tensor stored = stored(place.file(), place.entry());
            Tensor typed = stored.dtype().isFloating() ? stored.to(dtype) : stored;
            return scope.keep(typed.to(device));
        }
    }

    private Tensor stored(TensorFile file, TensorFile.Entry entry) {
        long[] shape = entry.shape();
        if (entry.type() == ElementType.I16) {
            return Tensor.of(file.longs(entry.name()), shape);
        }
        DType type = typeOf(entry.type());
        if (entry.begin() % type.bytes() != 0) {
            // A window must start at a multiple of the element's size.
            return type.isFloating()
                    ? Tensor.of(file.doubles(entry.name()), shape).to(type)
                    : Tensor.of(file.longs(entry.name()), shape).to(type);
        }
        Tensor window = windows.computeIfAbsent(new Window(file.file(), type), w -> map(w, file));
        try (NDArray start = Kernels.integers(entry.begin() / type.bytes());
                NDArray sizes = Kernels.integers(shape)) {
            return Kernels.run("part", window.array(), start, sizes);
        }
    }

    private Tensor map(Window window, TensorFile file) {
        long bytes = file.entries().values().stream()
                .mapToLong(TensorFile.Entry::end)
                .max()
                .orElse(0);
        try (NDArray path = Kernels.text(window.file().toAbsolutePath().toString());
                NDArray count = Kernels.integers(bytes / window.type().bytes())) {
            return maps.adopt(Kernels.run(
                    "map_file", path, count, Kernels.integer(window.type().code())));
        }
    }

    private static DType typeOf(ElementType type) {
        return switch (type) {
            case F64 -> DType.FLOAT64;
            case F32 -> DType.FLOAT32;
            case F16 -> DType.FLOAT16;
            case BF16 -> DType.BFLOAT16;
            case I64 -> DType.INT64;
            case I32 -> DType.INT32;
            case I8 -> DType.INT8;
            case U8 -> DType.UINT8;
            case BOOL -> DType.BOOL;
            case I16 -> throw new IllegalArgumentException("the engine cannot hold it");
        };
    }

    @Override
    public boolean has(String key) {
        return files.names().contains(key);
    }

    @Override
    public Set<String> keys() {
        return new TreeSet<>(files.names());
    }

    @Override
    public Weights at(String prefix) {
        return new Cursor(this, prefix + ".");
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public void close() {
        maps.close();
    }

    /** The same weights seen from a prefix, which ends with a dot. */
    private record Cursor(Weights root, String prefix) implements Weights {
        @Override
        public Tensor get(String key) {
            return root.get(prefix + key);
        }

        @Override
        public boolean has(String key) {
            return root.has(prefix + key);
        }

        @Override
        public Set<String> keys() {
            return root.keys().stream()
                    .filter(key -> key.startsWith(prefix))
                    .map(key -> key.substring(prefix.length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        @Override
        public Weights at(String next) {
            return new Cursor(root, prefix + next + ".");
        }

        @Override
        public DType dtype() {
            return root.dtype();
        }

        @Override
        public Device device() {
            return root.device();
        }
    }
}
