// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Kernel} owes. A new one enrols by a subclass that makes it.
 *
 * @param <X> its batches
 */
public abstract class KernelLaws<X extends Batch<X>> {
    private static final int N = 5;

    private final Key key = Key.of(11);
    private int aliveBefore;

    /** The kernel, the same at each call as far as behaviour goes. */
    protected abstract Kernel<X> kernel();

    /** All numbers of a row. */
    protected abstract double[] row(X x, int row);

    /** Batches of this kind made and not closed, in this process. */
    protected abstract int alive();

    /** How far two computations of the same row may differ; 0 where they are the same to the bit. */
    protected double tolerance() {
        return 0;
    }

    @BeforeEach
    void count() {
        aliveBefore = alive();
    }

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(aliveBefore, alive());
    }

    @Test
    void aMoveGivesOneOfEachForEachParticle() {
        var kernel = kernel();
        assertTrue(kernel.steps() >= 1);
        walk(kernel, N, (step, before, move) -> {
            assertEquals(N, move.next().size());
            assertEquals(N, move.clean().size());
            assertEquals(N, move.logCorrection().length);
            assertTrue(Arrays.stream(move.logCorrection()).allMatch(Double::isFinite));
        });
    }

    @Test
    void aMoveKeepsItsArgument() {
        walk(kernel(), N, (step, before, move) -> {
            try (var again = kernel().move(step, before, key.at(step))) {
                for (int i = 0; i < N; i++) {
                    assertArrayEquals(row(move.next(), i), row(again.next(), i), tolerance());
                    assertArrayEquals(row(move.clean(), i), row(again.clean(), i), tolerance());
                }
            }
        });
    }

    /** Noise is keyed by slot: a row does not depend on how many rows are computed with it. */
    @Test
    void aRowDoesNotDependOnTheRowsBesideIt() {
        var kernel = kernel();
        try (X many = kernel.start(N, key);
                X few = kernel.start(2, key)) {
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(row(many, i), row(few, i), tolerance());
            }
        }
        walk(kernel, N, (step, before, move) -> {
            for (int n = 1; n < N; n++) {
                try (X some = before.gather(IntStream.range(0, n).toArray());
                        var part = kernel.move(step, some, key.at(step))) {
                    for (int i = 0; i < n; i++) {
                        assertArrayEquals(row(move.next(), i), row(part.next(), i), tolerance());
                        assertArrayEquals(row(move.clean(), i), row(part.clean(), i), tolerance());
                        assertEquals(move.logCorrection()[i], part.logCorrection()[i], tolerance());
                    }
                }
            }
        });
    }

    @Test
    void particlesStartApart() {
        try (X x = kernel().start(2, key);
                X other = kernel().start(1, Key.of(12))) {
            assertFalse(Arrays.equals(row(x, 0), row(x, 1)));
            assertFalse(Arrays.equals(row(x, 0), row(other, 0)));
        }
    }

    /** Copies diverge under a stochastic kernel before its last move, and never under one that is not. */
    @Test
    void copiesDoAsTheKernelSays() {
        var kernel = kernel();
        X x = kernel.start(1, key);
        boolean diverged = false;
        for (int step = 0; step < kernel.steps() - 1; step++) {
            try (X before = x;
                    X twins = before.gather(new int[] {0, 0});
                    var move = kernel.move(step, twins, key.at(step))) {
                diverged |= !Arrays.equals(row(move.next(), 0), row(move.next(), 1));
                assertArrayEquals(row(move.clean(), 0), row(move.clean(), 1), tolerance());
                x = move.next().gather(new int[] {0});
            }
        }
        x.close();
        assertEquals(kernel.stochastic(), diverged);
    }

    /** Sees a move of the walk; all three are the walk's. */
    @FunctionalInterface
    private interface Visitor<X extends Batch<X>> {
        void visit(int step, X before, Move<X> move);
    }

    private void walk(Kernel<X> kernel, int n, Visitor<X> visitor) {
        X x = kernel.start(n, key);
        for (int step = 0; step < kernel.steps(); step++) {
            try (X before = x;
                    var move = kernel.move(step, before, key.at(step))) {
                visitor.visit(step, before, move);
                x = move.next().gather(IntStream.range(0, n).toArray());
            }
        }
        x.close();
    }
}
