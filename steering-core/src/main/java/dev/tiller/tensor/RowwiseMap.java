// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.gradient.Pullback;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A map of many rows that do not know each other: each core takes an equal part of them, forwards and backwards, with one
 * thread inside its operations. A single part stays on the calling thread, with all threads inside.
 *
 * @param map of some of the rows; several threads use it at once
 * @param most rows that a core takes at a time; the records of all rows live until their tape is closed, whatever it is
 */
public record RowwiseMap(Pullback<Tensor, Tensor> map, Workers workers, int most) implements Pullback<Tensor, Tensor> {
    @Override
    public Tensor apply(Tensor x) {
        return workers.rows(x, most, map::apply);
    }

    @Override
    public Tape<Tensor, Tensor> tape(Tensor x) {
        var ranges = workers.ranges(x.size(), most);
        if (ranges.size() == 1) {
            return map.tape(x);
        }
        List<Tape<Tensor, Tensor>> tapes;
        try (var scope = Scope.open()) {
            var pieces = new ArrayList<Supplier<Tape<Tensor, Tensor>>>();
            for (var range : ranges) {
                Tensor rows = x.rows(range.from(), range.to());
                pieces.add(() -> map.tape(rows));
            }
            tapes = workers.each(pieces, Tape::close);
        }
        var parts = tapes.stream().map(Tape::value).toArray(Tensor[]::new);
        try {
            return new Joined(ranges, tapes, Scope.holding(scope -> Tensor.concat(0, parts)));
        } catch (RuntimeException | Error e) {
            tapes.forEach(Tape::close);
            throw e;
        }
    }

    private final class Joined implements Tape<Tensor, Tensor> {
        private final List<Workers.Range> ranges;
        private final List<Tape<Tensor, Tensor>> tapes;
        private final Tensor value;

        Joined(List<Workers.Range> ranges, List<Tape<Tensor, Tensor>> tapes, Tensor value) {
            this.ranges = ranges;
            this.tapes = tapes;
            this.value = value;
        }

        @Override
        public Tensor value() {
            return value;
        }

        @Override
        public Tensor pull(Tensor cotangent) {
            try (var scope = Scope.open()) {
                var pieces = new ArrayList<Supplier<Tensor>>();
                for (int i = 0; i < tapes.size(); i++) {
                    var tape = tapes.get(i);
                    Tensor along =
                            cotangent.rows(ranges.get(i).from(), ranges.get(i).to());
                    pieces.add(() -> tape.pull(along));
                }
                return scope.keep(Tensor.concat(0, workers.all(pieces)));
            }
        }

        @Override
        public void close() {
            value.close();
            tapes.forEach(Tape::close);
        }
    }
}
