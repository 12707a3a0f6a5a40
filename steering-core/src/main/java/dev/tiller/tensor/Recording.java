// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.tiller.gradient.Pullback;
import dev.tiller.gradient.Pullback.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One computation, remembered so that cotangents can be pulled back through it: reverse-mode differentiation, cut into
 * {@linkplain #block blocks} and {@linkplain #stage stages} where memory matters. What is cut off there starts anew as a
 * leaf of the graph, whether it was named as an input or is just used by what follows: so skip connections and shared
 * embeddings need nothing special, and nothing that a block uses can be forgotten.
 *
 * <p>A recording belongs to the thread that made it; different threads may each have theirs at once. Until it is closed,
 * what was computed between blocks lives on, even if its scope ends. A computation that is recorded must give the same
 * again when it is run again, must not read values back to Java, and runs on one thread; each is refused.
 */
public final class Recording implements AutoCloseable {
    private static final ThreadLocal<@Nullable Recording> CURRENT = new ThreadLocal<>();

    /** A result so many times smaller than the largest stands for a block whose graph is too small to be worth a second run. */
    private static final int SMALL = 4;

    /** A piece whose results are leaves [from, to). */
    private static class Piece {
        final Supplier<List<Tensor>> f;
        final boolean isStage;
        final int from;
        final int to;
        final boolean small;
        /** The results with their graph, while that is kept. */
        List<Tensor> graph;

        Piece(Supplier<List<Tensor>> f, boolean isStage, int from, boolean small, List<Tensor> graph) {
            this.f = f;
            this.isStage = isStage;
            this.from = from;
            this.to = from + graph.size();
            this.small = small;
            this.graph = graph;
        }

        void forget() {
            graph.forEach(Tensor::free);
            graph = List.of();
        }
    }

    /** A map that knows its own way back. The graph that is kept is that of what it reads, and ends there. */
    private static final class OwnWay extends Piece {
        private final Pullback<Tensor, Tensor> map;
        private final Tensor read;
        private @Nullable Tape<Tensor, Tensor> tape;

        /** @param x with its graph */
        OwnWay(Pullback<Tensor, Tensor> map, int from, Tensor x, Tensor read) {
            super(List::of, false, from, false, List.of(x));
            this.map = map;
            this.read = read;
        }

        Tape<Tensor, Tensor> tape() {
            var kept = tape;
            if (kept == null) {
                kept = map.tape(read);
                tape = kept;
            }
            return kept;
        }

        @Override
        void forget() {
            if (tape != null) {
                tape.close();
                tape = null;
            }
        }
    }

    private final Checkpointing checkpointing;
    private final MemoryAtHand memory;
    private final Scope scope;
    private final int variables;
    /** The variables, then the results of every piece. */
    private final List<Tensor> leaves;

    private final List<Piece> pieces = new ArrayList<>();
    private final List<Tensor> results;
    private boolean inside;
    private long largest;

    private Recording(
            Checkpointing checkpointing,
            MemoryAtHand memory,
            Scope scope,
            List<Tensor> variables,
            Function<List<Tensor>, List<Tensor>> f) {
        this.checkpointing = checkpointing;
        this.memory = memory;
        this.scope = scope;
        this.variables = variables.size();
        this.leaves = new ArrayList<>(variables);
        try {
            this.results = as(false, () -> Engine.recording(() -> scoped(() -> f.apply(variables))));
        } catch (RuntimeException | Error e) {
            pieces.forEach(Piece::forget);
            throw e;
        }
        results.forEach(scope::adopt);
    }

    /**
     * Computes {@code f(variables)} and remembers how.
     *
     * @param f is given stand-ins for the variables, and must use them
     * @param variables floating-point tensors, at least one; kept by the caller and not needed afterwards
     */
    public static Recording of(Checkpointing checkpointing, Function<List<Tensor>, Tensor> f, Tensor... variables) {
        if (isActive()) {
            throw new IllegalStateException("a computation that is recorded cannot itself record another");
        }
        var memory = new MemoryAtHand(variables[0].device());
        return Scope.holding(scope -> {
            var leaves = Arrays.stream(variables).map(Recording::leaf).toList();
            return new Recording(checkpointing, memory, scope, leaves, x -> List.of(f.apply(x)));
        });
    }

    /** A tensor of the same values where a graph begins. */
    private static Tensor leaf(Tensor x) {
        if (!x.dtype().isFloating()) {
            throw new IllegalArgumentException("only floating-point tensors have gradients, not " + x);
        }
        return Kernels.run("leaf", x.array());
    }

    // -- while recording

    /**
     * A piece of a network, such as a layer with its residual; its graph must fit into memory. What is computed on the
     * way is freed; the result belongs to the caller's scope.
     */
    public static Tensor block(Supplier<Tensor> f) {
        var current = CURRENT.get();
        Supplier<List<Tensor>> results = () -> List.of(f.get());
        if (current == null) {
            return scoped(results).get(0);
        }
        return current.inside || !current.cuts()
                ? current.as(true, () -> scoped(results)).get(0)
                : current.cut(results, false).get(0);
    }

    /** A long piece that is made of blocks, such as a step of a sampler; unless all is kept, nothing is but its results. */
    public static List<Tensor> stage(Supplier<List<Tensor>> f) {
        var current = CURRENT.get();
        return current == null || current.inside || current.checkpointing == Checkpointing.OFF
                ? f.get()
                : current.cut(f, true);
    }

    /**
     * A map that knows its own way back, such as a layer on packed weights: what it computes is not recorded. Only where
     * {@link #takesMaps} is true.
     *
     * @return map(x), owned by the caller's scope
     */
    public static Tensor through(Pullback<Tensor, Tensor> map, Tensor x) {
        var current = CURRENT.get();
        if (current == null || current.inside) {
            throw new IllegalStateException("nothing is recorded here that could take a map");
        }
        return hasGraph(x) ? current.cut(map, x) : apart(() -> map.apply(x));
    }

    /** Whether this thread records, and not inside a piece, where all that is computed must have a graph. */
    public static boolean takesMaps() {
        var current = CURRENT.get();
        return current != null && !current.inside;
    }

    /** Whether this thread is recording. */
    public static boolean isActive() {
        return CURRENT.get() != null;
    }

    /** Keeps what was closed while a later piece may still need it, until this recording's end; false if none may. */
    static boolean holds(Tensor tensor) {
        var current = CURRENT.get();
        if (current == null || current.inside) {
            return false;
        }
        current.scope.adopt(tensor);
        return true;
    }

    private boolean cuts() {
        boolean cuts = switch (checkpointing) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> memory.isShort();
        };
        if (cuts) {
            Allocator.thrift();
        }
        return cuts;
    }

    /** Frees what f made on the way; its results are tensors of their own. */
    private static List<Tensor> scoped(Supplier<List<Tensor>> f) {
        try (var scope = Scope.open()) {
            return f.get().stream()
                    .map(t -> scope.keep(t.owner() == scope ? t : Kernels.run("alias", t.array())))
                    .toList();
        }
    }

    private List<Tensor> cut(Supplier<List<Tensor>> f, boolean isStage) {
        if (!pieces.isEmpty() && !last().small) {
            last().forget();
        }
        var results = as(true, isStage ? () -> Engine.gradMode(false, () -> scoped(f)) : () -> scoped(f));
        if (!isStage && results.stream().noneMatch(Recording::hasGraph)) {
            return results;
        }
        long bytes = results.stream()
                .mapToLong(t -> t.elements() * t.dtype().bytes())
                .sum();
        largest = Math.max(largest, bytes);
        var piece = new Piece(f, isStage, leaves.size(), bytes * SMALL <= largest, results);
        pieces.add(piece);
        results.forEach(scope::adopt);
        var cutOff = results.stream().map(Recording::leaf).map(scope::adopt).toList();
        leaves.addAll(cutOff);
        if (isStage) {
            piece.forget();
        }
        return cutOff;
    }

    private Tensor cut(Pullback<Tensor, Tensor> map, Tensor x) {
        if (!pieces.isEmpty() && cuts()) {
            last().forget();
        }
        var piece =
                new OwnWay(map, leaves.size(), scope.adopt(Kernels.run("alias", x.array())), scope.adopt(x.detached()));
        pieces.add(piece);
        var cutOff = scope.adopt(apart(() -> leaf(piece.tape().value())));
        leaves.add(cutOff);
        // The caller may close what it is given.
        return Kernels.run("alias", cutOff.array());
    }

    /** Runs f as if nothing were recorded. */
    private static <T> T apart(Supplier<T> f) {
        var outer = CURRENT.get();
        CURRENT.remove();
        try {
            return Engine.gradMode(false, f);
        } finally {
            CURRENT.set(outer);
        }
    }

    private Piece last() {
        return pieces.get(pieces.size() - 1);
    }

    /** Runs f as recorded by this; inside a piece all that it leaves is freed at once, and further cuts are none. */
    private <T> T as(boolean insidePiece, Supplier<T> f) {
        var outer = CURRENT.get();
        boolean before = inside;
        CURRENT.set(this);
        inside = insidePiece;
        try {
            return f.get();
        } finally {
            inside = before;
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    // -- afterwards

    /** f(variables), owned by this recording. */
    public Tensor value() {
        return results.get(0);
    }

    /**
     * J(variables)ᵀ·cotangent; may be called again.
     *
     * @param cotangent of the value's shape and type
     * @return one gradient for each variable, owned by the caller
     * @throws IllegalStateException if the value does not depend on a variable, or the way to it was cut
     */
    public List<Tensor> pull(Tensor cotangent) {
        if (!Arrays.equals(cotangent.shape(), value().shape()) || cotangent.dtype() != value().dtype()) {
            throw new IllegalArgumentException("the cotangent of " + value() + " cannot be " + cotangent);
        }
        try (var temporary = Scope.open()) {
            var gradients =
                    Arrays.asList(back(Collections.singletonList(cotangent))).subList(0, variables);
            if (gradients.contains(null)) {
                throw new IllegalStateException("the result does not depend on variable " + gradients.indexOf(null)
                        + ": the way to its gradient was cut");
            }
            gradients.forEach(temporary::keep);
            return List.copyOf(gradients);
        }
    }

    /** The sums of what arrives at each leaf; null where nothing does, or where it has been passed on. */
    private @Nullable Tensor[] back(List<? extends @Nullable Tensor> cotangents) {
        var sums = new Tensor[leaves.size()];
        pull(results, cotangents, sums, leaves.size());
        for (int p = pieces.size() - 1; p >= 0; p--) {
            var piece = pieces.get(p);
            var arrived = new ArrayList<>(Arrays.asList(sums).subList(piece.from, piece.to));
            if (arrived.stream().anyMatch(Objects::nonNull)) {
                pull(piece, arrived, sums);
                arrived.stream().filter(Objects::nonNull).forEach(Tensor::free);
                Arrays.fill(sums, piece.from, piece.to, null);
            }
        }
        return sums;
    }

    private void pull(Piece piece, List<? extends @Nullable Tensor> cotangents, @Nullable Tensor[] sums) {
        if (piece instanceof OwnWay own) {
            var cotangent = Objects.requireNonNull(cotangents.get(0));
            var before = apart(() -> own.tape().pull(cotangent));
            own.forget();
            pull(own.graph, List.of(before), sums, own.from);
            before.free();
        } else if (!piece.graph.isEmpty()) {
            pull(piece.graph, cotangents, sums, piece.from);
            piece.forget();
        } else if (piece.isStage) {
            var known = leaves.subList(0, piece.from);
            try (var again = Scope.holding(
                    inner -> new Recording(checkpointing, memory, inner, List.copyOf(known), x -> piece.f.get()))) {
                var arrived = again.back(cotangents);
                for (int i = 0; i < piece.from; i++) {
                    add(sums, i, arrived[i]);
                }
            }
        } else {
            var again = as(true, () -> Engine.recording(() -> scoped(piece.f)));
            pull(again, cotangents, sums, piece.from);
            again.forEach(Tensor::free);
        }
    }

    /** Adds the vector-Jacobian products of the results with respect to the first leaves. */
    private void pull(
            List<Tensor> ends, List<? extends @Nullable Tensor> cotangents, @Nullable Tensor[] sums, int count) {
        var arguments = new NDList();
        for (int i = 0; i < ends.size(); i++) {
            if (cotangents.get(i) != null) {
                if (!hasGraph(ends.get(i))) {
                    throw new IllegalStateException(
                            "what is to be differentiated depends on no variable: the way to its gradient was cut");
                }
                arguments.add(named("outs[]", ends.get(i).array()));
            }
        }
        leaves.subList(0, count).forEach(leaf -> arguments.add(named("ins[]", leaf.array())));
        for (var cotangent : cotangents) {
            if (cotangent != null) {
                // A handle of its own, as other threads may be using the caller's.
                arguments.add(named("cots[]", Kernels.raw("detached", cotangent.array())));
            }
        }
        NDList found;
        try {
            found = Engine.kernels().callForAll("grad", arguments.toArray(NDArray[]::new));
        } finally {
            for (var argument : arguments) {
                boolean own = "cots[]".equals(argument.getName());
                argument.setName(null);
                if (own) {
                    argument.close();
                }
            }
        }
        try (var which = found.get(0)) {
            long[] indices = which.toLongArray();
            for (int i = 0; i < indices.length; i++) {
                add(sums, (int) indices[i], Tensor.wrap(found.get(i + 1)));
            }
        }
    }

    /** DJL makes a list of the arguments that have one name. */
    private static NDArray named(String list, NDArray array) {
        array.setName(list);
        return array;
    }

    private static void add(@Nullable Tensor[] sums, int i, @Nullable Tensor more) {
        var before = sums[i];
        if (before == null || more == null) {
            sums[i] = before == null ? more : before;
        } else {
            sums[i] = before.plus(more);
            before.free();
            more.free();
        }
    }

    /** Whether x is a leaf, or was computed from one. (DJL says so of leaves alone.) */
    static boolean hasGraph(Tensor x) {
        try (NDArray answer = Kernels.raw("has_graph", x.array())) {
            return answer.getBoolean();
        }
    }

    @Override
    public void close() {
        pieces.forEach(Piece::forget);
        scope.close();
    }
}
