// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import java.util.stream.IntStream;

/** A Markov chain on a few states, so small that the paths can be summed one by one. {@code clean} is the state itself. */
public final class ChainKernel implements Kernel<ToyBatch> {
    private final double[] initial;
    private final double[][][] transition;

    /**
     * @param initial probability of each state at the start
     * @param transition [step][from][to]
     */
    public ChainKernel(double[] initial, double[][][] transition) {
        this.initial = initial;
        this.transition = transition;
    }

    @Override
    public int steps() {
        return transition.length;
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public ToyBatch start(int n, Key key) {
        return new ToyBatch(IntStream.range(0, n)
                .mapToDouble(i -> pick(initial, key.at(i).generator().nextDouble()))
                .toArray());
    }

    @Override
    public Move<ToyBatch> move(int step, ToyBatch x, Key key) {
        var next = IntStream.range(0, x.size())
                .mapToDouble(i -> pick(
                        transition[step][(int) x.get(i)], key.at(i).generator().nextDouble()))
                .toArray();
        return new Move<>(new ToyBatch(next), new ToyBatch(x.toArray()), new double[next.length]);
    }

    private static int pick(double[] probability, double u) {
        int k = 0;
        double reached = probability[0];
        while (k < probability.length - 1 && reached <= u) {
            reached += probability[++k];
        }
        return k;
    }
}
