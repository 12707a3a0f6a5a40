// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.ToyVectors;
import dev.tiller.gradient.Vectors;
import java.util.function.UnaryOperator;

/** Samples, and what a multistep solver remembers of their past; arithmetic is on samples, the past is the left operand's. */
record Remembering(ToyVectors sample, ToyVectors past) implements Vectors<Remembering> {
    private Remembering map(UnaryOperator<ToyVectors> f) {
        return new Remembering(f.apply(sample), past.copy());
    }

    @Override
    public Remembering plus(Remembering other) {
        return map(x -> x.plus(other.sample));
    }

    @Override
    public Remembering minus(Remembering other) {
        return map(x -> x.minus(other.sample));
    }

    @Override
    public Remembering times(double factor) {
        return map(x -> x.times(factor));
    }

    @Override
    public Remembering times(Remembering other) {
        return map(x -> x.times(other.sample));
    }

    @Override
    public Remembering dividedBy(Remembering other) {
        return map(x -> x.dividedBy(other.sample));
    }

    @Override
    public Remembering plus(double number) {
        return map(x -> x.plus(number));
    }

    @Override
    public Remembering sqrt() {
        return map(ToyVectors::sqrt);
    }

    @Override
    public Remembering timesRows(double[] factors) {
        return map(x -> x.timesRows(factors));
    }

    @Override
    public double[] dotRows(Remembering other) {
        return sample.dotRows(other.sample);
    }

    @Override
    public int dimensions() {
        return sample.dimensions();
    }

    @Override
    public double[][] toRows() {
        return sample.toRows();
    }

    @Override
    public Remembering withRows(double[][] rows) {
        return map(x -> x.withRows(rows));
    }

    @Override
    public int size() {
        return sample.size();
    }

    @Override
    public Remembering gather(int[] rows) {
        return new Remembering(sample.gather(rows), past.gather(rows));
    }

    @Override
    public void close() {
        sample.close();
        past.close();
    }
}
