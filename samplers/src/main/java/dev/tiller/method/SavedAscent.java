// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.ascent.AscentSnapshot;
import dev.tiller.ascent.Memory;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An ascent between two iterations as arrays of a safetensors file, from which it goes on, equal to the bit. */
final class SavedAscent {
    private SavedAscent() {}

    static void write(AscentSnapshot<Tensor> snapshot, SafeTensorsWriter to) {
        var climbing = Arrays.stream(snapshot.climbing()).asLongStream().toArray();
        var bestStep = Arrays.stream(snapshot.bestStep()).asLongStream().toArray();
        to.add("climbing", climbing, climbing.length);
        to.add("best_step", bestStep, bestStep.length);
        Saved.write("iterate", snapshot.iterate(), to);
        Saved.write("best", snapshot.best(), to);
        var memory = snapshot.memory();
        for (int k = 0; k < memory.vectors().size(); k++) {
            Saved.write("memory." + k, memory.vectors().get(k), to);
        }
        for (int k = 0; k < memory.numbers().size(); k++) {
            to.add("number." + k, memory.numbers().get(k), memory.numbers().get(k).length);
        }
        for (int i = 0; i < snapshot.history().size(); i++) {
            Saved.write("history." + i, snapshot.history().get(i), to);
        }
        Saved.write(snapshot.step(), memory.steps(), snapshot.cost(), to);
    }

    /** What {@link #write} wrote; the caller closes it. */
    static AscentSnapshot<Tensor> read(SafeTensors from, Device device) {
        try (var scope = Scope.open()) {
            var snapshot = snapshot(from, device);
            scope.keep(snapshot.iterate());
            scope.keep(snapshot.best());
            snapshot.memory().vectors().forEach(scope::keep);
            return snapshot;
        }
    }

    private static AscentSnapshot<Tensor> snapshot(SafeTensors from, Device device) {
        var numbers = from.longs("numbers");
        List<Tensor> vectors = new ArrayList<>();
        for (int k = 0; from.entries().containsKey("memory." + k); k++) {
            vectors.add(Saved.tensor(from, "memory." + k, device));
        }
        List<double[]> perRow = new ArrayList<>();
        for (int k = 0; from.entries().containsKey("number." + k); k++) {
            perRow.add(from.doubles("number." + k));
        }
        List<Scores> history = new ArrayList<>();
        for (int i = 0; i < numbers[0]; i++) {
            history.add(Saved.scores(from, "history." + i));
        }
        return new AscentSnapshot<>(
                (int) numbers[0],
                Arrays.stream(from.longs("climbing")).mapToInt(Math::toIntExact).toArray(),
                Saved.tensor(from, "iterate", device),
                new Memory<>((int) numbers[1], vectors, perRow),
                Saved.tensor(from, "best", device),
                Arrays.stream(from.longs("best_step"))
                        .mapToInt(Math::toIntExact)
                        .toArray(),
                history,
                Saved.cost(from));
    }
}
