// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.util.Set;

/** See {@link Weights#in}. */
record CastWeights(Weights source, DType dtype) implements Weights {
    @Override
    public Tensor get(String key) {
        try (var scope = Scope.open()) {
            Tensor given = source.get(key);
            return scope.keep(given.dtype().isFloating() ? given.to(dtype) : given);
        }
    }

    @Override
    public void require(String key, long... shape) {
        source.require(key, shape);
    }

    @Override
    public boolean has(String key) {
        return source.has(key);
    }

    @Override
    public Set<String> keys() {
        return source.keys();
    }

    @Override
    public Weights at(String prefix) {
        return source.at(prefix).in(dtype);
    }

    @Override
    public Device device() {
        return source.device();
    }
}
