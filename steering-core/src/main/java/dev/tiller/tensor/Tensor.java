// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tiller.gradient.Vectors;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array in native memory. Immutable: every operation makes a new tensor (which may share memory with
 * its operand). As a {@link dev.tiller.smc.Batch} its rows are its first dimension. It lives until it is closed, usually by its {@link
 * Scope}; using it later throws {@link IllegalStateException}.
 *
 * <p>Shapes broadcast as in PyTorch, and so do element types: a number ({@code double}) never widens a tensor. What PyTorch
 * refuses, such as shapes that do not go together, ends in an unchecked exception of the engine with PyTorch's own words.
 */
public final class Tensor implements Vectors<Tensor> {
    private static final AtomicInteger ALIVE = new AtomicInteger();

    private final NDArray array;
    private @Nullable Scope owner;
    private boolean closed;

    private Tensor(NDArray array) {
        this.array = array;
        ALIVE.incrementAndGet();
        moveTo(Scope.current());
    }

    /** The tensor of a new native array. */
    static Tensor wrap(NDArray array) {
        return new Tensor(array);
    }

    /** The number of tensors alive in this process. */
    public static int alive() {
        return ALIVE.get();
    }

    // -- making

    /** A float32 tensor on the CPU with these elements in row-major order. */
    public static Tensor of(float[] values, long... shape) {
        return of(FloatBuffer.wrap(values), values.length, shape, DataType.FLOAT32);
    }

    /** A float64 tensor. */
    public static Tensor of(double[] values, long... shape) {
        return of(DoubleBuffer.wrap(values), values.length, shape, DataType.FLOAT64);
    }

    /** An int64 tensor. */
    public static Tensor of(long[] values, long... shape) {
        return of(LongBuffer.wrap(values), values.length, shape, DataType.INT64);
    }

    /** An int64 tensor. */
    public static Tensor of(int[] values, long... shape) {
        return of(longs(values), shape);
    }

    /** A uint8 tensor. */
    public static Tensor of(byte[] values, long... shape) {
        return of(ByteBuffer.wrap(values), values.length, shape, DataType.UINT8);
    }

    private static Tensor of(java.nio.Buffer values, int count, long[] shape, DataType type) {
        if (elements(shape) != count) {
            throw new IllegalArgumentException(count + " values for the shape " + Arrays.toString(shape));
        }
        // DJL's array borrows the buffer's memory: a copy owns its own.
        try (NDArray borrowed = Engine.manager().create(values, new Shape(shape), type)) {
            return wrap(borrowed.duplicate());
        }
    }

    /** A tensor of zeros on the CPU. */
    public static Tensor zeros(DType dtype, long... shape) {
        return full(0, dtype, shape);
    }

    /** A tensor of equal elements on the CPU. */
    public static Tensor full(double value, DType dtype, long... shape) {
        try (NDArray number = Engine.manager().create(value);
                NDArray typed = Kernels.raw("cast", number, Kernels.integer(dtype.code()));
                NDArray sizes = Kernels.integers(shape);
                NDArray view = Kernels.raw("expand", typed, sizes)) {
            return wrap(Kernels.raw("copy_contiguous", view));
        }
    }

    // -- looking

    /** The sizes of the dimensions. */
    public long[] shape() {
        return array().getShape().getShape().clone();
    }

    /** The size of one dimension; negative numbers count from the last. */
    public int dim(int dim) {
        return Math.toIntExact(array().getShape().get(dim < 0 ? dim + rank() : dim));
    }

    /** The number of dimensions. */
    public int rank() {
        return array().getShape().dimension();
    }

    /** The number of rows: the size of the first dimension, 1 for a scalar. */
    @Override
    public int size() {
        return rank() == 0 ? 1 : dim(0);
    }

    /** The number of elements. */
    public long elements() {
        return array().getShape().size();
    }

    /** The type of the elements. */
    public DType dtype() {
        return dtypeOf(array().getDataType());
    }

    /** Where the memory is. */
    public Device device() {
        ai.djl.Device where = array().getDevice();
        return where.isGpu() ? Device.cuda(where.getDeviceId()) : Device.CPU;
    }

    /** A copy of the elements in row-major order, as float32 whatever the type. */
    public float[] toFloats() {
        try (Tensor t = detachedAs(DType.FLOAT32)) {
            return t.array().toFloatArray();
        }
    }

    /** A copy of the elements in row-major order, as float64 whatever the type. */
    public double[] toDoubles() {
        try (Tensor t = detachedAs(DType.FLOAT64)) {
            return t.array().toDoubleArray();
        }
    }

    /** A copy of the elements in row-major order, as int64; fractions are cut off. */
    public long[] toLongs() {
        try (Tensor t = detachedAs(DType.INT64)) {
            return t.array().toLongArray();
        }
    }

    /** A copy of the bytes of a uint8 tensor. */
    public byte[] toBytes() {
        try (Tensor t = detachedAs(DType.UINT8)) {
            return t.array().toByteArray();
        }
    }

    private Tensor detachedAs(DType type) {
        if (Recording.isActive() && Recording.hasGraph(this)) {
            throw new IllegalStateException("values are read in the middle of what is being differentiated, which would"
                    + " lose their gradient: read them of detached(), or compute with the tensor itself");
        }
        return wrap(Kernels.raw("to_host", array(), Kernels.integer(type.code())));
    }

    // -- arithmetic

    @Override
    public Tensor plus(Tensor other) {
        return wrap(array().add(other.array()));
    }

    @Override
    public Tensor plus(double number) {
        return wrap(array().add(number));
    }

    @Override
    public Tensor minus(Tensor other) {
        return wrap(array().sub(other.array()));
    }

    /** From every element. */
    public Tensor minus(double number) {
        return wrap(array().sub(number));
    }

    @Override
    public Tensor times(Tensor other) {
        return wrap(array().mul(other.array()));
    }

    @Override
    public Tensor times(double number) {
        try (NDArray factor = owned(number)) {
            return wrap(array().mul(factor));
        }
    }

    @Override
    public Tensor dividedBy(Tensor other) {
        return wrap(array().div(other.array()));
    }

    /** Every element by a number. */
    public Tensor dividedBy(double number) {
        try (NDArray divisor = owned(number)) {
            return wrap(array().div(divisor));
        }
    }

    @Override
    public Tensor timesRows(double[] factors) {
        if (factors.length != size()) {
            throw new IllegalArgumentException(factors.length + " factors for " + size() + " rows");
        }
        var perRow = new long[rank()];
        Arrays.fill(perRow, 1);
        perRow[0] = factors.length;
        try (var column = of(factors, perRow);
                var typed = Kernels.run("cast", column.array(), Kernels.integer(dtype().code()));
                var moved = typed.copyTo(device())) {
            return times(moved);
        }
    }

    @Override
    public double[] dotRows(Tensor other) {
        try (var products = Kernels.run("dot_rows", array(), other.array())) {
            return products.toDoubles();
        }
    }

    /** A scalar that a graph may keep: DJL's own borrows memory that the garbage collector takes before backwards. */
    private static NDArray owned(double number) {
        try (NDArray borrowed = Engine.manager().create(number)) {
            return borrowed.duplicate();
        }
    }

    @Override
    public int dimensions() {
        return Math.toIntExact(LongStream.of(shape()).skip(1).reduce(1, (a, b) -> a * b));
    }

    @Override
    public double[][] toRows() {
        var elements = toDoubles();
        int width = dimensions();
        return IntStream.range(0, size())
                .mapToObj(i -> Arrays.copyOfRange(elements, i * width, (i + 1) * width))
                .toArray(double[][]::new);
    }

    @Override
    public Tensor withRows(double[][] rows) {
        var newShape = shape();
        newShape[0] = rows.length;
        var elements = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        try (var exact = of(elements, newShape);
                var typed = Kernels.run("cast", exact.array(), Kernels.integer(dtype().code()))) {
            return typed.copyTo(device());
        }
    }

    /** Each element with the other sign. */
    public Tensor negate() {
        return wrap(array().neg());
    }

    /** e to the power of each element. */
    public Tensor exp() {
        return wrap(array().exp());
    }

    /** The natural logarithm of each element. */
    public Tensor log() {
        return wrap(array().log());
    }

    @Override
    public Tensor sqrt() {
        return wrap(array().sqrt());
    }

    /** Each element times itself. */
    public Tensor square() {
        return wrap(array().square());
    }

    /** Each element without its sign. */
    public Tensor abs() {
        return wrap(array().abs());
    }

    /** Of each element, in radians. */
    public Tensor sin() {
        return wrap(array().sin());
    }

    /** Of each element, in radians. */
    public Tensor cos() {
        return wrap(array().cos());
    }

    /** The hyperbolic tangent of each element. */
    public Tensor tanh() {
        return wrap(array().tanh());
    }

    /** Each element moved into [lo, hi]. */
    public Tensor clamp(double lo, double hi) {
        return wrap(Kernels.raw("clamp", array(), Kernels.number(lo), Kernels.number(hi)));
    }

    /** The matrix product of the last two dimensions; the others broadcast. */
    public Tensor matmul(Tensor other) {
        return wrap(Kernels.raw("matmul", array(), other.array()));
    }

    // -- reductions

    /** The sum over some dimensions, which vanish; over all if none is named. */
    public Tensor sum(int... dims) {
        return reduce("sum", dims);
    }

    /** The mean over some dimensions, which vanish; over all if none is named. */
    public Tensor mean(int... dims) {
        return reduce("mean", dims);
    }

    private Tensor reduce(String kernel, int[] dims) {
        long[] over =
                dims.length > 0 ? longs(dims) : LongStream.range(0, rank()).toArray();
        try (NDArray d = Kernels.integers(over)) {
            return wrap(Kernels.raw(kernel, array(), d));
        }
    }

    /** The Euclidean norm over one dimension, which keeps size 1. */
    public Tensor norm(int dim) {
        return wrap(Kernels.raw("norm", array(), Kernels.integer(dim)));
    }

    /** Exponentials along one dimension, divided by their sum. */
    public Tensor softmax(int dim) {
        return wrap(Kernels.raw("softmax", array(), Kernels.integer(dim)));
    }

    /** The index of the largest element along one dimension, which vanishes; int64. */
    public Tensor argmax(int dim) {
        return wrap(Kernels.raw("argmax", array(), Kernels.integer(dim)));
    }

    // -- shape

    /** The same elements in another shape; one size may be -1 and is then worked out. */
    public Tensor reshape(long... newShape) {
        return wrap(array().reshape(newShape));
    }

    /** Dimension i of the result is dimension {@code dims[i]} of this tensor. */
    public Tensor permute(int... dims) {
        return wrap(array().transpose(dims));
    }

    /** The elements [from, to) along one dimension. */
    public Tensor slice(int dim, long from, long to) {
        return wrap(Kernels.raw(
                "narrow", array(), Kernels.integer(dim), Kernels.integer(from), Kernels.integer(to - from)));
    }

    /** Rows [from, to). */
    public Tensor rows(int from, int to) {
        return slice(0, from, to);
    }

    @Override
    public Tensor gather(int[] rows) {
        for (int row : rows) {
            if (row < 0 || row >= size()) {
                throw new IndexOutOfBoundsException("row " + row + " of " + size());
            }
        }
        try (NDArray index = Kernels.integers(longs(rows))) {
            return wrap(Kernels.raw("rows", array(), index));
        }
    }

    /** Repeats dimensions of size 1 up to the given shape, without copying. */
    public Tensor expand(long... newShape) {
        try (NDArray sizes = Kernels.integers(newShape)) {
            return wrap(Kernels.raw("expand", array(), sizes));
        }
    }

    /** Joins tensors along one dimension. */
    public static Tensor concat(int dim, Tensor... parts) {
        var list = new NDList(parts.length);
        for (Tensor part : parts) {
            list.add(part.array());
        }
        return wrap(NDArrays.concat(list, dim));
    }

    /** A tensor of the same elements with its own memory, in row-major order. */
    @Override
    public Tensor copy() {
        return wrap(Kernels.raw("copy_contiguous", array()));
    }

    // -- type and place

    /** The same values in another type; this very tensor if it has that type already. */
    public Tensor to(DType type) {
        return type == dtype() ? this : wrap(Kernels.raw("cast", array(), Kernels.integer(type.code())));
    }

    /** The same values on another device; this very tensor if it is there already. */
    public Tensor to(Device target) {
        return target.equals(device()) ? this : copyTo(target);
    }

    /** A copy on a device, whose lifetime is its own even if it is there already. */
    private Tensor copyTo(Device target) {
        try (NDArray name = Kernels.text(target.toString())) {
            return wrap(Kernels.raw("move", array(), name));
        }
    }

    /** The same values without a graph: gradients end here on purpose. */
    public Tensor detached() {
        return wrap(Kernels.raw("detached", array()));
    }

    /** Frees the native memory, when a {@link Recording} of this thread needs it no more; a second call does nothing. */
    @Override
    public void close() {
        if (!Recording.holds(this)) {
            free();
        }
    }

    /** Frees the native memory now. */
    void free() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        moveTo(null);
        array.close();
        ALIVE.decrementAndGet();
    }

    @Override
    public String toString() {
        return closed ? "Tensor, closed" : "Tensor" + Arrays.toString(shape()) + " " + dtype() + " on " + device();
    }

    // -- for the package

    NDArray array() {
        if (closed) {
            throw new IllegalStateException("a tensor is used after its end");
        }
        Engine.enter();
        return array;
    }

    @Nullable
    Scope owner() {
        return owner;
    }

    void moveTo(@Nullable Scope scope) {
        Scope old = owner;
        if (old != null) {
            old.remove(this);
        }
        owner = scope;
        if (scope != null) {
            scope.add(this);
        }
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    private static long elements(long[] shape) {
        long n = 1;
        for (long size : shape) {
            n = Math.multiplyExact(n, size);
        }
        return n;
    }

    private static DType dtypeOf(DataType type) {
        return switch (type) {
            case FLOAT64 -> DType.FLOAT64;
            case FLOAT32 -> DType.FLOAT32;
            case FLOAT16 -> DType.FLOAT16;
            // DJL has no number for it when it reads a type back; nothing else here is unknown to it.
            case BFLOAT16, UNKNOWN -> DType.BFLOAT16;
            case INT64 -> DType.INT64;
            case INT32 -> DType.INT32;
            case INT8 -> DType.INT8;
            case UINT8 -> DType.UINT8;
            case BOOLEAN -> DType.BOOL;
            default -> throw new IllegalStateException("element type " + type);
        };
    }
}
