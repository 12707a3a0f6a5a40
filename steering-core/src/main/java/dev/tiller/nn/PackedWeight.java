// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A layer's weight in packed form, made at first use and owned by the scope that the layer was built in. */
final class PackedWeight {
    /** A run has one shape of batches, and perhaps a smaller last one. More copies would cost more than they save. */
    private static final int MOST = 2;

    private final @Nullable Scope owner = Scope.current();
    private final Map<List<Long>, Optional<Tensor>> byShape = new ConcurrentHashMap<>();

    /**
     * The weight packed for an input shape.
     *
     * @param pack is asked once for each shape, and may say that nothing is gained
     */
    Optional<Tensor> forShape(long[] shape, Supplier<Optional<Tensor>> pack) {
        Scope scope = owner;
        if (scope == null) {
            // Nobody would free it.
            return Optional.empty();
        }
        List<Long> key = Arrays.stream(shape).boxed().toList();
        Optional<Tensor> packed = byShape.get(key);
        if (packed == null) {
            packed = byShape.size() >= MOST
                    ? Optional.empty()
                    : byShape.computeIfAbsent(key, k -> pack.get().map(scope::adopt));
        }
        return packed;
    }
}
