// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

import dev.tiller.smc.Batch;
import java.util.Arrays;

/**
 * A batch whose rows are vectors of equal shape. Every result is a new batch, owned by the caller; operands stay as they
 * are.
 *
 * @param <X> the batch's own type
 */
public interface Vectors<X extends Vectors<X>> extends Batch<X> {
    /** Element by element. */
    X plus(X other);

    /** Element by element. */
    X minus(X other);

    /** Of every element. */
    X times(double factor);

    /** Element by element. */
    X times(X other);

    /** Element by element. */
    X dividedBy(X other);

    /** To every element. */
    X plus(double number);

    /** The square root of every element. */
    X sqrt();

    /** Row i times {@code factors[i]}. */
    X timesRows(double[] factors);

    /** The inner product of each row with the same row of {@code other}, summed in float64. */
    double[] dotRows(X other);

    /** The Euclidean norm of each row, in float64. */
    static <X extends Vectors<X>> double[] norms(X x) {
        return Arrays.stream(x.dotRows(x)).map(Math::sqrt).toArray();
    }

    /** The number of elements of each row. */
    int dimensions();

    /** A copy of the elements, in float64: one array of {@link #dimensions()} for each row. */
    double[][] toRows();

    /** A batch of this one's kind (shape of a row, type of number, device) with these rows. */
    X withRows(double[][] rows);
}
