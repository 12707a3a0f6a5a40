// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import dev.tiller.run.TillerException;
import dev.tiller.weights.ElementType;
import dev.tiller.weights.TensorFile;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
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
    /** Given as INT64. */
    private static final Set<ElementType> UNKNOWN_TO_ENGINE =
            EnumSet.of(ElementType.I16, ElementType.U16, ElementType.U32, ElementType.U64);

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

    @Override
    public void require(String key, long... shape) {
        var place = files.place(key);
        var stored = place.entry().shape();
        boolean convolution = shape.length == 2 && stored.length == 4 && stored[2] == 1 && stored[3] == 1;
        if (!Arrays.equals(shape, convolution ? Arrays.copyOf(stored, 2) : stored)) {
            throw new TillerException(
                    "The tensor '" + key + "' of " + place.file().file() + " is " + text(stored)
                            + ", where the config asks for " + text(shape) + ": the two do not belong together.");
        }
        if (place.entry().type().isWhole()) {
            throw new TillerException("The tensor '" + key + "' of "
                    + place.file().file() + " is of type " + place.entry().type() + ", which weights cannot be.");
        }
    }

    private static String text(long[] shape) {
        return shape.length == 0
                ? "a single number"
                : Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("×"));
    }

    private Tensor stored(TensorFile file, TensorFile.Entry entry) {
        long[] shape = entry.shape();
        if (UNKNOWN_TO_ENGINE.contains(entry.type())) {
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
            case I16, U16, U32, U64 -> throw new IllegalArgumentException("the engine cannot hold it");
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
        public void require(String key, long... shape) {
            root.require(prefix + key, shape);
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
