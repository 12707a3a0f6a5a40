// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.run.TillerException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Weights under other names, cut or turned, as another library keeps them: each is made when it is asked for. */
public final class MadeWeights implements Weights {
    private final Map<String, Supplier<Tensor>> tensors;
    private final Weights source;
    private final String prefix;

    /**
     * @param tensors by key; what a supplier makes belongs to the thread's innermost scope
     * @param source where type and device are known from
     */
    public MadeWeights(Map<String, Supplier<Tensor>> tensors, Weights source) {
        this(Map.copyOf(tensors), source, "");
    }

    private MadeWeights(Map<String, Supplier<Tensor>> tensors, Weights source, String prefix) {
        this.tensors = tensors;
        this.source = source;
        this.prefix = prefix;
    }

    @Override
    public Tensor get(String key) {
        var made = tensors.get(prefix + key);
        if (made == null) {
            throw new TillerException("The weights lack the tensor '" + prefix + key
                    + "': they belong to another architecture than expected.");
        }
        return made.get();
    }

    @Override
    public void require(String key, long... shape) {
        try (var scope = Scope.open()) {
            var made = get(key);
            if (!Arrays.equals(made.shape(), shape) || !made.dtype().isFloating()) {
                throw new TillerException("The tensor '" + prefix + key + "' is " + made + ", where "
                        + Arrays.toString(shape) + " is wanted.");
            }
        }
    }

    @Override
    public boolean has(String key) {
        return tensors.containsKey(prefix + key);
    }

    @Override
    public Set<String> keys() {
        return tensors.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public Weights at(String next) {
        return new MadeWeights(tensors, source, prefix + next + ".");
    }

    @Override
    public DType dtype() {
        return source.dtype();
    }

    @Override
    public Device device() {
        return source.device();
    }
}
