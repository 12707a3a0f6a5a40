// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gradient;

import dev.tiller.run.TillerException;

/** z = g(f(x)); the chain rule backwards. */
record Composition<X, Y extends AutoCloseable, Z extends AutoCloseable>(Pullback<X, Y> f, Pullback<Y, Z> g)
        implements Pullback<X, Z> {
    @Override
    public Z apply(X x) {
        Y y = f.apply(x);
        try {
            return g.apply(y);
        } finally {
            close(y);
        }
    }

    @Override
    public Tape<X, Z> tape(X x) {
        var first = f.tape(x);
        try {
            return new Joined<>(first, g.tape(first.value()));
        } catch (RuntimeException | Error e) {
            first.close();
            throw e;
        }
    }

    private record Joined<X, Y extends AutoCloseable, Z>(Tape<X, Y> first, Tape<Y, Z> second) implements Tape<X, Z> {
        @Override
        public Z value() {
            return second.value();
        }

        @Override
        public X pull(Z cotangent) {
            Y between = second.pull(cotangent);
            try {
                return first.pull(between);
            } finally {
                Composition.close(between);
            }
        }

        @Override
        public void close() {
            second.close();
            first.close();
        }
    }

    private static void close(AutoCloseable batch) {
        try {
            batch.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new TillerException("A batch cannot be closed: " + e.getMessage(), e);
        }
    }
}
