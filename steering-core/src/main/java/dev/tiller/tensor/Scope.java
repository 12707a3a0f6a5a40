// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Owns tensors. Those made by a thread belong to its innermost open scope and die with it; without a scope they belong
 * to whoever made them. The garbage collector frees no tensor.
 *
 * <pre>{@code
 * try (var scope = Scope.open()) {
 *     Tensor y = f(x);
 *     return scope.keep(g(y));   // y dies here, the result belongs to the caller's scope
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<@Nullable Scope> INNERMOST = new ThreadLocal<>();

    private final @Nullable Scope outer;
    private final Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());

    private boolean closed;

    private Scope() {
        this.outer = INNERMOST.get();
    }

    /** Opens a scope inside the thread's innermost one. The thread that opens a scope closes it, innermost first. */
    public static Scope open() {
        var scope = new Scope();
        INNERMOST.set(scope);
        return scope;
    }

    /**
     * Builds something that lives long, such as a network: the tensors made by {@code build} belong to the scope passed
     * to it, which is no longer the thread's innermost one afterwards and which the built object closes one day.
     */
    public static <T> T holding(Function<Scope, T> build) {
        Scope scope = open();
        boolean built = false;
        try {
            T result = build.apply(scope);
            built = true;
            return result;
        } finally {
            scope.leave();
            if (!built) {
                scope.close();
            }
        }
    }

    /** The innermost open scope of this thread, if there is one. */
    public static @Nullable Scope current() {
        return INNERMOST.get();
    }

    /**
     * Saves a tensor from this scope's end: it belongs to the enclosing scope, or to the caller if there is none. A
     * tensor of another scope stays where it is.
     */
    public Tensor keep(Tensor tensor) {
        if (tensor.owner() == this) {
            tensor.moveTo(outer);
        }
        return tensor;
    }

    /** As {@link #keep(Tensor)}. */
    public Images keep(Images images) {
        keep(images.tensor());
        return images;
    }

    /** Makes this scope, which must be open, the owner of a tensor, which then lives as long as the scope. */
    public Tensor adopt(Tensor tensor) {
        tensor.moveTo(this);
        return tensor;
    }

    /** The number of tensors that this scope owns. */
    public int size() {
        synchronized (tensors) {
            return tensors.size();
        }
    }

    /** The numbers in all tensors that this scope owns. */
    public long elements() {
        synchronized (tensors) {
            return tensors.stream().mapToLong(Tensor::elements).sum();
        }
    }

    void add(Tensor tensor) {
        synchronized (tensors) {
            if (closed) {
                throw new IllegalStateException("the scope is closed");
            }
            tensors.add(tensor);
        }
    }

    void remove(Tensor tensor) {
        synchronized (tensors) {
            tensors.remove(tensor);
        }
    }

    private void leave() {
        if (INNERMOST.get() == this) {
            INNERMOST.set(outer);
        }
    }

    /** Closes every tensor that this scope still owns. */
    @Override
    public void close() {
        leave();
        Set<Tensor> rest;
        synchronized (tensors) {
            closed = true;
            rest = new HashSet<>(tensors);
            tensors.clear();
        }
        rest.forEach(Tensor::close);
    }
}
