// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.jni.JniUtils;
import dev.tiller.gradient.Pullback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordingTest {
    private int before;

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(before, Tensor.alive());
        assertFalse(JniUtils.isGradMode());
        assertFalse(Recording.isActive());
    }

    /** Blocks and stages with what networks have: a skip around a block, a tensor that many blocks use, one not in a block. */
    private static Tensor network(Tensor x) {
        try (var scope = Scope.open()) {
            Tensor shared = x.slice(1, 0, 1).exp().times(0.1);
            Tensor a = Recording.block(() -> x.times(2).plus(shared).tanh());
            Tensor b = Recording.block(() -> Kernels.silu(a).plus(shared));
            Tensor between = b.square().plus(x);
            var staged = Recording.stage(() -> {
                Tensor c = Recording.block(() -> Tensor.concat(1, between, a).sin());
                Tensor d = Recording.block(() -> c.times(shared).softmax(1));
                return List.of(d, c.plus(d));
            });
            Tensor e = Recording.block(() -> staged.get(0).plus(staged.get(1).cos()));
            return scope.keep(e.times(e).plus(Tensor.concat(1, x, b)));
        }
    }

    /** The laws, for the network above with each way of keeping. */
    abstract static class OfNetworks extends RecordedMapLaws {
        private final Checkpointing checkpointing;

        OfNetworks(Checkpointing checkpointing) {
            this.checkpointing = checkpointing;
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return new RecordedMap(RecordingTest::network, checkpointing);
        }

        @Override
        protected long[] from() {
            return new long[] {3, 5};
        }

        @Override
        protected long[] to() {
            return new long[] {3, 10};
        }
    }

    @Nested
    class Checkpointed extends OfNetworks {
        Checkpointed() {
            super(Checkpointing.ON);
        }
    }

    @Nested
    class Whole extends OfNetworks {
        Whole() {
            super(Checkpointing.OFF);
        }
    }

    @Nested
    class Automatic extends OfNetworks {
        Automatic() {
            super(Checkpointing.AUTO);
        }
    }

    /** Two maps, one after the other. */
    @Nested
    class Composed extends OfNetworks {
        Composed() {
            super(Checkpointing.ON);
        }

        @Override
        protected Pullback<Tensor, Tensor> map() {
            return super.map()
                    .then(new RecordedMap(y -> y.slice(1, 0, 5).times(y.slice(1, 5, 10)), Checkpointing.OFF))
                    .then(new RecordedMap(RecordingTest::network, Checkpointing.OFF));
        }
    }

    /** The control: a branch that is detached halves the derivative, nothing else can see it, and the laws must. */
    @Test
    void theLawsRejectADetachedBranch() {
        var laws = new Checkpointed() {
            @Override
            protected Pullback<Tensor, Tensor> map() {
                return new RecordedMap(
                        x -> network(x).plus(Tensor.concat(1, x, x).detached().sin()), Checkpointing.ON);
            }
        };
        assertThrows(AssertionError.class, laws::itIsTheAdjointOfTheDerivative);
        laws.itIsLinear();
    }

    @Test
    void everyWayOfKeepingGivesTheSame() {
        try (var scope = Scope.open()) {
            var x = Kernels.randn(1, 4, 5);
            var w = Kernels.randn(2, 4, 10);
            var whole = gradient(Checkpointing.OFF, x, w);
            assertArrayEquals(whole.toFloats(), gradient(Checkpointing.ON, x, w).toFloats(), 1e-6f);
            // Sums over stages are made in another order.
            assertArrayEquals(
                    whole.toFloats(), gradient(Checkpointing.AUTO, x, w).toFloats(), 1e-6f);
            assertTrue(scope.size() > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Checkpointing.class)
    void stagesAreComputedAgainUnlessAllIsKept(Checkpointing checkpointing) {
        var runs = new AtomicInteger();
        UnaryOperator<Tensor> stages = x -> {
            var y = x;
            for (int i = 0; i < 3; i++) {
                var from = y;
                y = Recording.stage(() -> {
                            runs.incrementAndGet();
                            return List.of(Recording.block(from::sin));
                        })
                        .get(0);
            }
            return y;
        };
        try (var scope = Scope.open()) {
            var x = Kernels.randn(1, 2, 3);
            try (var tape = new RecordedMap(stages, checkpointing).tape(x)) {
                tape.pull(x).close();
            }
            assertEquals(checkpointing == Checkpointing.OFF ? 3 : 6, runs.get());
            assertEquals(1, scope.size());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theAllocatorCanBeTold() {
        assertTrue(Allocator.thrift());
    }

    private static Tensor gradient(Checkpointing checkpointing, Tensor x, Tensor w) {
        try (var tape = new RecordedMap(RecordingTest::network, checkpointing).tape(x)) {
            return tape.pull(w);
        }
    }

    // -- the traps of the engine, one by one

    /** DJL's own collector is one for the process; these are as many as one likes. */
    @Test
    void threadsDifferentiateAtOnce() throws Exception {
        try (var scope = Scope.open()) {
            var x = Kernels.randn(1, 4, 5);
            var w = Kernels.randn(2, 4, 10);
            float[] expected = gradient(Checkpointing.ON, x, w).toFloats();
            var pool = Executors.newFixedThreadPool(4);
            try {
                List<Future<Boolean>> done = IntStream.range(0, 4)
                        .mapToObj(t -> pool.submit(() -> {
                            for (int i = 0; i < 60; i++) {
                                try (var own = gradient(i % 2 == 0 ? Checkpointing.ON : Checkpointing.OFF, x, w)) {
                                    assertArrayEquals(expected, own.toFloats(), 1e-5f);
                                }
                            }
                            return JniUtils.isGradMode();
                        }))
                        .toList();
                for (var thread : done) {
                    assertFalse(thread.get());
                }
            } finally {
                pool.shutdown();
            }
            assertTrue(scope.size() > 0);
        }
    }

    /** DJL's collector leaves the grad mode on when it fails. */
    @Test
    void aFailureLeavesNothingBehind() {
        try (var x = Kernels.randn(1, 4, 5)) {
            for (var checkpointing : Checkpointing.values()) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Recording.of(
                                checkpointing,
                                v -> Recording.block(() -> {
                                    network(v.get(0));
                                    throw new IllegalArgumentException("as if");
                                }),
                                x));
                assertFalse(JniUtils.isGradMode());
                assertFalse(Recording.isActive());
            }
        }
    }

    /** Some of DJL's own operations cut the graph without a word: every one of ours is held to central differences. */
    @Test
    void noOperationCutsTheGraph() {
        List<UnaryOperator<Tensor>> operations = List.of(
                x -> x.plus(x),
                x -> x.plus(1),
                x -> x.minus(x.times(0.5)),
                x -> x.minus(1),
                x -> x.times(x),
                x -> x.times(3),
                x -> x.dividedBy(x.plus(9)),
                x -> x.dividedBy(2),
                x -> x.timesRows(new double[] {1, 2, 3}),
                Tensor::negate,
                Tensor::exp,
                x -> x.square().plus(1).log(),
                x -> x.square().plus(1).sqrt(),
                Tensor::square,
                Tensor::abs,
                Tensor::sin,
                Tensor::cos,
                Tensor::tanh,
                x -> x.clamp(-0.5, 0.5),
                x -> x.matmul(x.permute(1, 0)),
                x -> x.sum(1),
                x -> x.mean(0, 1),
                x -> x.norm(1),
                x -> x.softmax(1),
                x -> x.reshape(4, 3).square(),
                x -> x.permute(1, 0),
                x -> x.slice(1, 1, 3),
                x -> x.gather(new int[] {2, 0, 0}),
                x -> x.slice(1, 0, 1).expand(3, 4).times(x),
                x -> Tensor.concat(0, x, x.times(2)),
                Tensor::copy,
                x -> x.to(DType.FLOAT32).to(DType.FLOAT64),
                x -> x.to(Device.CPU).times(1),
                Kernels::silu,
                Kernels::gelu,
                Kernels::geluTanh,
                Kernels::quickGelu,
                Kernels::relu,
                x -> Kernels.straightThrough(x, x),
                x -> Kernels.attention(x.reshape(1, 3, 4), x.reshape(1, 3, 4), x.reshape(1, 3, 4), 2, true),
                x -> Kernels.pad(x.reshape(1, 1, 3, 4), 1, 0, 0, 1),
                x -> Kernels.upsampleNearest2x(x.reshape(1, 1, 3, 4)),
                x -> Kernels.resizeNearest(x.reshape(1, 1, 3, 4), 5, 7),
                x -> Kernels.interpolateBicubic(x.reshape(1, 1, 3, 4), 2, 3, true),
                x -> Kernels.channelsLast(x.reshape(1, 3, 2, 2)),
                x -> Kernels.fromTokensOnto(Kernels.toTokens(x.reshape(1, 3, 2, 2)), x.reshape(1, 3, 2, 2)));
        try (var scope = Scope.open()) {
            var x = Kernels.randn(7, 3, 4).to(DType.FLOAT64);
            var v = Kernels.randn(8, 3, 4).to(DType.FLOAT64);
            for (int i = 0; i < operations.size(); i++) {
                var f = operations.get(i);
                try (var tape = new RecordedMap(f, Checkpointing.OFF).tape(x)) {
                    var w = Kernels.randn(9, tape.value().shape()).to(DType.FLOAT64);
                    // A float32 on the way shows differences of 1e-7 only, so the step cannot be small.
                    double h = 1e-3;
                    double jv = total(f.apply(x.plus(v.times(h))).minus(f.apply(x.minus(v.times(h)))), w) / (2 * h);
                    assertEquals(jv, total(tape.pull(w), v), 2e-4 * (1 + Math.abs(jv)), "operation " + i);
                }
            }
            assertTrue(scope.size() > 0);
        }
    }

    private static double total(Tensor a, Tensor b) {
        return a.times(b).sum().toDoubles()[0];
    }

    /** Values read back to Java have no gradient; DJL would not say so. */
    @ParameterizedTest
    @EnumSource
    void readingValuesIsRefused(Checkpointing checkpointing) {
        try (var x = Kernels.randn(1, 4, 5)) {
            var e = assertThrows(
                    IllegalStateException.class,
                    () -> Recording.of(
                            checkpointing,
                            v -> Recording.block(() -> v.get(0).times(v.get(0).toDoubles()[0])),
                            x));
            assertTrue(e.getMessage().contains("detached"), e.getMessage());
            // and of detached() it is allowed
            try (var tape = Recording.of(
                            checkpointing,
                            v -> v.get(0).times(v.get(0).detached().toDoubles()[0]),
                            x);
                    var w = Kernels.randn(2, 4, 5);
                    var gradient = tape.pull(w).get(0)) {
                assertEquals(w.toDoubles()[3] * x.toDoubles()[0], gradient.toDoubles()[3], 1e-6);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatDoesNotDependOnTheVariableIsRefused(Checkpointing checkpointing) {
        try (var x = Kernels.randn(1, 4, 5);
                var w = Kernels.randn(2, 4, 5);
                var cut = Recording.of(
                        checkpointing,
                        v -> Recording.block(() -> v.get(0).detached().times(2)),
                        x);
                var one = Recording.of(
                        checkpointing, v -> Recording.block(() -> v.get(0).times(2)), x, w)) {
            assertThrows(IllegalStateException.class, () -> cut.pull(w));
            var e = assertThrows(IllegalStateException.class, () -> one.pull(w));
            assertTrue(e.getMessage().contains("variable 1"), e.getMessage());
        }
    }

    @Test
    void wrongArgumentsAreRefused() {
        try (var x = Kernels.randn(1, 4, 5);
                var whole = Tensor.of(new long[] {1}, 1);
                var tape = Recording.of(Checkpointing.ON, v -> v.get(0).times(2), x)) {
            assertThrows(IllegalArgumentException.class, () -> tape.pull(whole));
            assertThrows(IllegalArgumentException.class, () -> Recording.of(Checkpointing.ON, v -> v.get(0), whole));
            assertThrows(
                    IllegalStateException.class,
                    () -> Recording.of(
                            Checkpointing.ON,
                            v -> Recording.of(Checkpointing.ON, u -> u.get(0), v.get(0))
                                    .value(),
                            x));
        }
    }

    /** A worker thread would compute without a graph. */
    @Test
    void otherThreadsAreRefused() {
        try (var x = Kernels.randn(1, 4, 5);
                var workers = new Workers(2)) {
            assertThrows(
                    IllegalStateException.class,
                    () -> Recording.of(
                            Checkpointing.OFF,
                            v -> workers.all(List.of(() -> v.get(0).times(2)))[0],
                            x));
        }
    }

    /** What plain passes made is no tensor of the inference mode: it can be differentiated through. */
    @Test
    void whatWasMadeBeforeTakesPart() {
        try (var scope = Scope.open()) {
            var weight = Kernels.silu(Kernels.randn(3, 5, 5));
            var x = Kernels.silu(Kernels.randn(1, 4, 5));
            var w = Kernels.randn(2, 4, 5);
            try (var tape = Recording.of(Checkpointing.ON, v -> Kernels.linear(v.get(0), weight), x)) {
                assertArrayEquals(
                        w.matmul(weight).toFloats(), tape.pull(w).get(0).toFloats(), 1e-5f);
            }
            assertTrue(scope.size() > 0);
        }
    }

    /** Packed weights have no gradient: they are used in no phase of a recording, nor are any made. */
    @Test
    void packedWeightsAreNeverUsed() {
        try (var x = Kernels.randn(1, 4, 5);
                var w = Kernels.randn(2, 4, 5)) {
            var supported = new java.util.ArrayList<Boolean>();
            UnaryOperator<Tensor> f = v -> {
                supported.add(Packed.supports(v));
                return Recording.block(() -> {
                    supported.add(Packed.supports(v));
                    return Recording.stage(() -> {
                                supported.add(Packed.supports(v));
                                return List.of(v.times(2));
                            })
                            .get(0);
                });
            };
            for (var checkpointing : Checkpointing.values()) {
                try (var tape = new RecordedMap(u -> f.apply(f.apply(u)), checkpointing).tape(x)) {
                    tape.pull(w).close();
                }
            }
            assertTrue(supported.size() > 18);
            assertFalse(supported.contains(true));
        }
    }

    /** Twice x, and wrongly three times the cotangent, so that it shows whose way back was gone. */
    private static final class Liar implements Pullback<Tensor, Tensor> {
        int tapes;

        @Override
        public Tensor apply(Tensor x) {
            return x.times(2);
        }

        @Override
        public Tape<Tensor, Tensor> tape(Tensor x) {
            tapes++;
            assertFalse(Recording.isActive());
            var value = x.times(2);
            return new Tape<>() {
                @Override
                public Tensor value() {
                    return value;
                }

                @Override
                public Tensor pull(Tensor cotangent) {
                    return cotangent.times(3);
                }

                @Override
                public void close() {
                    value.close();
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMapsOwnWayBackIsGone(Checkpointing checkpointing) {
        var map = new Liar();
        try (var scope = Scope.open();
                var x = Kernels.randn(1, 4, 5);
                var w = Kernels.randn(2, 4, 5);
                var tape = Recording.of(
                        checkpointing,
                        v -> {
                            Tensor y = Recording.block(() -> v.get(0).times(5));
                            Tensor z = Recording.through(map, Recording.through(map, y.plus(y)));
                            return z.plus(y).times(7);
                        },
                        x)) {
            assertArrayEquals(
                    x.times(7 * (2 * 2 * 10 + 5)).toFloats(), tape.value().toFloats(), 1e-3f);
            for (int again = 0; again < 2; again++) {
                var gradient = tape.pull(w).get(0);
                assertArrayEquals(w.times(7 * (3 * 3 * 10 + 5)).toFloats(), gradient.toFloats(), 1e-3f);
            }
            // Once each forwards; again where it was forgotten, which a pull does too.
            assertTrue(map.tapes >= 4, "tapes " + map.tapes);
            assertTrue(scope.size() > 0);
        }
    }

    @Test
    void noMapIsTakenInsideAPiece() {
        try (var x = Kernels.randn(1, 4, 5)) {
            assertFalse(Recording.takesMaps());
            assertThrows(IllegalStateException.class, () -> Recording.through(new Liar(), x));
            assertThrows(
                    IllegalStateException.class,
                    () -> Recording.of(
                            Checkpointing.ON, v -> Recording.block(() -> Recording.through(new Liar(), v.get(0))), x));
        }
    }

    /** Backward passes in bfloat16 abort the process outside of TorchScript. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void sixteenBitsAreSafe(DType type) {
        try (var scope = Scope.open()) {
            var x = Kernels.randn(1, 4, 5);
            var w = Kernels.randn(2, 4, 10);
            var exact = gradient(Checkpointing.ON, x, w).toFloats();
            for (var checkpointing : Checkpointing.values()) {
                var rough = gradient(checkpointing, x.to(type), w.to(type));
                assertEquals(type, rough.dtype());
                assertArrayEquals(exact, rough.toFloats(), 0.1f);
            }
            assertTrue(scope.size() > 0);
        }
    }

    /**
     * DJL's arrays borrow the memory of Java's, and so do the numbers that it multiplies by: once the garbage collector had
     * taken them, gradients were silently wrong.
     */
    @Test
    void graphsOwnTheirMemory() {
        try (var w = Kernels.randn(2, 400, 10)) {
            for (int i = 0; i < 10; i++) {
                var values = new float[2000];
                java.util.Arrays.fill(values, 0.25f);
                try (var x = Tensor.of(values, 400, 5);
                        var y = Tensor.full(0.25, DType.FLOAT32, 400, 5);
                        var tape = new RecordedMap(RecordingTest::network, Checkpointing.ON).tape(x);
                        var expected = gradient(Checkpointing.ON, y, w)) {
                    values = new float[0];
                    System.gc();
                    var rubbish = new float[100_000];
                    java.util.Arrays.fill(rubbish, i);
                    try (var gradient = tape.pull(w)) {
                        assertArrayEquals(expected.toFloats(), gradient.toFloats(), 0);
                    }
                }
            }
        }
    }

    /** The engine frees nothing by itself: what is recorded must be freed to the last graph. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void manyPullsLeaveNothing() throws IOException {
        try (var x = Kernels.randn(1, 2000, 50);
                var w = Kernels.randn(2, 2000, 100)) {
            long settled = 0;
            for (int i = 0; i < 500; i++) {
                if (i == 100) {
                    settled = resident();
                }
                gradient(i % 2 == 0 ? Checkpointing.ON : Checkpointing.OFF, x, w)
                        .close();
                assertEquals(before + 2, Tensor.alive());
            }
            // One graph that stayed would be 10 MB.
            assertTrue(resident() - settled < 100L << 20, "grew by " + (resident() - settled) / 1e6 + " MB");
        }
    }

    private static long resident() throws IOException {
        var pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
        return Long.parseLong(pages) * 4096;
    }
}
