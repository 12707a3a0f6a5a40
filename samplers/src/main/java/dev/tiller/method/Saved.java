// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.run.Cost;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What saved states have in common, as arrays of a safetensors file. */
final class Saved {
    private Saved() {}

    static void write(String name, Tensor tensor, SafeTensorsWriter to) {
        to.add(name, tensor.toFloats(), tensor.shape());
    }

    static Tensor tensor(SafeTensors from, String name, Device device) {
        var host = Tensor.of(from.floats(name), from.entry(name).shape());
        var moved = host.to(device);
        if (moved != host) {
            host.close();
        }
        return moved;
    }

    static void write(String name, Scores scores, SafeTensorsWriter to) {
        to.add(name + ".total", scores.total(), scores.total().length);
        scores.parts().forEach((part, values) -> to.add(name + ".part." + part, values, values.length));
        scores.heldOut().forEach((part, values) -> to.add(name + ".held." + part, values, values.length));
    }

    static Scores scores(SafeTensors from, String name) {
        return new Scores(from.doubles(name + ".total"), byName(from, name + ".part."), byName(from, name + ".held."));
    }

    /** All arrays whose names begin so, by the rest of their names. */
    static Map<String, double[]> byName(SafeTensors from, String prefix) {
        var values = new LinkedHashMap<String, double[]>();
        for (var name : from.entries().keySet()) {
            if (name.startsWith(prefix)) {
                values.put(name.substring(prefix.length()), from.doubles(name));
            }
        }
        return values;
    }

    /** Two numbers of the state's own, and what the run has used. */
    static void write(int first, int second, Cost cost, SafeTensorsWriter to) {
        long[] numbers = {
            first,
            second,
            cost.networkEvaluations(),
            cost.decodes(),
            cost.rewardCalls(),
            cost.backwardPasses(),
            cost.judgeCalls(),
            cost.judgeTokens()
        };
        to.add("numbers", numbers, numbers.length);
    }

    static Cost cost(SafeTensors from) {
        var numbers = from.longs("numbers");
        return new Cost(numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]);
    }
}
