// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.stream.IntStream;

/** A deterministic kernel: a particle is drawn once and shrinks by half at each move. */
public record FrozenKernel(int steps) implements Kernel<ToyBatch> {
    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public ToyBatch start(int n, Key key) {
        return new ToyBatch(IntStream.range(0, n)
                .mapToDouble(i -> key.at(i).generator().nextGaussian())
                .toArray());
    }

    @Override
    public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
        var next = IntStream.range(0, x.size()).mapToDouble(i -> x.get(i) / 2).toArray();
        return new Move<>(new ToyBatch(next), new ToyBatch(x.toArray()), new double[next.length]);
    }
}
