// SPDX-License-Identifier: Apache-2.0
package dev.tiller.ascent;

import dev.tiller.gradient.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an {@link Optimizer} remembers between steps, as plain data: a snapshot holds it whole, and rows can be taken out of
 * it. Only the optimizer knows what each entry means.
 *
 * @param steps made so far
 * @param vectors batches with one row for each ascent; owned
 * @param numbers arrays with one number for each ascent
 */
public record Memory<X extends Vectors<X>>(int steps, List<X> vectors, List<double[]> numbers)
        implements AutoCloseable {
    /** Before the first step. */
    public static <X extends Vectors<X>> Memory<X> none() {
        return new Memory<X>(0, List.of(), List.of());
    }

    /** A copy of the memory of some rows. */
    public Memory<X> gather(int[] rows) {
        return new Memory<>(
                steps,
                vectors.stream().map(v -> v.gather(rows)).toList(),
                numbers.stream()
                        .map(n -> Arrays.stream(rows).mapToDouble(i -> n[i]).toArray())
                        .toList());
    }

    /** A copy for ascents of which there are {@code size}. */
    Memory<X> copy(int size) {
        return gather(IntStream.range(0, size).toArray());
    }

    @Override
    public void close() {
        vectors.forEach(Vectors::close);
    }
}
