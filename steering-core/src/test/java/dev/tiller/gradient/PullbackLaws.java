// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What every pullback must obey, in float64. To enrol one, extend this and say what it is and where to look.
 *
 * @param <X> what it reads
 * @param <Y> what it gives
 */
public abstract class PullbackLaws<X extends Vectors<X>, Y extends Vectors<Y>> {
    /** The map. */
    protected abstract Pullback<X, Y> map();

    /** Where it is differentiated, at least one row; closed by the law, as all that follow. */
    protected abstract X point();

    /** A direction in the space of x, different for each seed, with elements of about 1. */
    protected abstract X direction(long seed);

    /** A cotangent, likewise. */
    protected abstract Y cotangent(long seed);

    /** The step of central differences; their error is about its square. */
    protected double step() {
        return 1e-4;
    }

    /** How far central differences may lie from a derivative, relative to it. */
    protected double tolerance() {
        return 1e-6;
    }

    @Test
    public void theTapesValueIsTheMaps() {
        try (X x = point();
                Y y = map().apply(x);
                var tape = map().tape(x);
                Y difference = tape.value().minus(y)) {
            assertTrue(norm(difference) <= 1e-10 * (1 + norm(y)), () -> "differs by " + norm(difference));
        }
    }

    /** ⟨J v, w⟩ = ⟨v, Jᵀ w⟩, with J v by central differences; row by row. */
    @Test
    public void itIsTheAdjointOfTheDerivative() {
        var map = map();
        try (X x = point();
                X v = direction(1);
                Y w = cotangent(2);
                X step = v.times(step());
                X after = x.plus(step);
                X before = x.minus(step);
                Y yAfter = map.apply(after);
                Y yBefore = map.apply(before);
                Y difference = yAfter.minus(yBefore);
                Y jv = difference.times(0.5 / step());
                var tape = map.tape(x);
                X jtw = tape.pull(w)) {
            var left = jv.dotRows(w);
            var right = v.dotRows(jtw);
            assertEquals(x.size(), left.length);
            for (int row = 0; row < left.length; row++) {
                assertTrue(left[row] != 0, "a derivative of zero shows nothing");
                assertEquals(left[row], right[row], tolerance() * Math.abs(left[row]), "row " + row);
            }
        }
    }

    @Test
    public void itIsLinear() {
        try (X x = point();
                Y u = cotangent(3);
                Y w = cotangent(4);
                Y scaled = u.times(-2.5);
                Y sum = scaled.plus(w);
                var tape = map().tape(x);
                X ofSum = tape.pull(sum);
                X ofU = tape.pull(u);
                X ofW = tape.pull(w);
                X scaledU = ofU.times(-2.5);
                X expected = scaledU.plus(ofW);
                X difference = ofSum.minus(expected)) {
            assertTrue(norm(difference) <= 1e-10 * norm(expected), () -> "differs by " + norm(difference));
        }
    }

    @Test
    public void pullingAgainGivesTheSame() {
        try (X x = point();
                Y w = cotangent(5);
                var tape = map().tape(x);
                X once = tape.pull(w);
                X again = tape.pull(w);
                X difference = again.minus(once)) {
            assertTrue(norm(once) > 0);
            assertTrue(norm(difference) <= 1e-12 * norm(once), () -> "differs by " + norm(difference));
        }
    }

    private static <Z extends Vectors<Z>> double norm(Z z) {
        return Math.sqrt(Arrays.stream(z.dotRows(z)).sum());
    }
}
