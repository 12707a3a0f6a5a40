// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Checks a golden call's vector-Jacobian products: {@code grad.X}, the derivative of sum_k ⟨out.k, cot.k⟩ by in.X. */
public final class GradientParity {
    private GradientParity() {}

    /**
     * Compares the gradient of every input that the reference has one of.
     *
     * @param inputs by name, without {@code in.}
     * @param f from the inputs, to the outputs by name, without {@code out.}
     */
    public static void compare(
            Golden golden,
            Golden.Case call,
            ParityReport report,
            Map<String, Tensor> inputs,
            Function<Map<String, Tensor>, Map<String, Tensor>> f) {
        var names = inputs.keySet().stream()
                .filter(name -> golden.has(call.prefix() + "grad." + name))
                .sorted()
                .toList();
        if (names.isEmpty()) {
            return;
        }
        Function<List<Tensor>, Tensor> product = variables -> {
            var named = new TreeMap<>(inputs);
            for (int i = 0; i < names.size(); i++) {
                named.put(names.get(i), variables.get(i));
            }
            return product(golden, call, f.apply(named));
        };
        try (var scope = Scope.open();
                var recording = Recording.of(
                        Checkpointing.ON,
                        product,
                        names.stream().map(inputs::get).toArray(Tensor[]::new))) {
            var gradients = recording.pull(scope.adopt(Tensor.of(new float[] {1})));
            for (int i = 0; i < names.size(); i++) {
                report.compare(golden, call.prefix() + "grad." + names.get(i), gradients.get(i));
            }
        }
    }

    private static Tensor product(Golden golden, Golden.Case call, Map<String, Tensor> outputs) {
        return outputs.entrySet().stream()
                .filter(output -> golden.has(call.prefix() + "cot." + output.getKey()))
                .map(output -> {
                    var name = call.prefix() + "cot." + output.getKey();
                    return output.getValue()
                            .times(Tensor.of(golden.floats(name), golden.shape(name)))
                            .sum();
                })
                .reduce(Tensor::plus)
                .orElseThrow();
    }
}
