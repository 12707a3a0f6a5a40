// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.gradient.Pullback;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/**
 * A layer of a transformer that normalises what it reads, not what it writes: y = x + out(attention(qkv(norm1(x)))), and
 * then y + fc2(act(fc1(norm2(y)))).
 *
 * <p>Its four maps may be of a narrower type than the rest. Then only what they read is rounded to it, and what they give;
 * their sums, what passes from layer to layer, normalisation and attention are of the type of x.
 */
public final class EncoderLayer {
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Linear qkv;
    private final Linear out;
    private final Linear fc1;
    private final Linear fc2;
    private final Activation activation;
    private final int heads;

    /** What a token sees of the others, N×L×C queries, keys and values to N×L×C. */
    public interface Attention {
        /** Every token sees all. */
        Attention FULL = (q, k, v, heads) -> Kernels.attention(q, k, v, heads, false);

        Tensor of(Tensor q, Tensor k, Tensor v, int heads);
    }

    /**
     * A layer of these parts, whose maps all are of one type.
     *
     * @param qkv C to 3C: queries, keys and values side by side
     * @param fc1 C to the middle, with the activation after it
     * @param fc2 and back
     */
    public EncoderLayer(
            LayerNorm norm1,
            LayerNorm norm2,
            Linear qkv,
            Linear out,
            Linear fc1,
            Linear fc2,
            Activation activation,
            int heads) {
        this.norm1 = norm1;
        this.norm2 = norm2;
        this.qkv = qkv;
        this.out = out;
        this.fc1 = fc1;
        this.fc2 = fc2;
        this.activation = activation;
        this.heads = heads;
    }

    /** The size of a token's vector in the middle. */
    public int middle() {
        return fc1.width();
    }

    /**
     * x N×L×C to the same shape. A {@link Recording} that can takes the layer's own way back on packed weights, which
     * have no graph; any other a {@link Recording#block}.
     */
    public Tensor apply(Tensor x, Attention attention) {
        return apply(x, x.dim(1), attention);
    }

    /** {@link #apply(Tensor, Attention)} of x N×L×C, as far as the first T tokens, N×T×C: all are read, and no others written. */
    public Tensor apply(Tensor x, int tokens, Attention attention) {
        boolean ownWay =
                attention == Attention.FULL && Recording.takesMaps() && x.dtype() == DType.FLOAT32 && Packed.knows(x);
        return ownWay ? Recording.through(new OwnWay(tokens), x) : Recording.block(() -> compute(x, tokens, attention));
    }

    private Tensor compute(Tensor x, int tokens, Attention attention) {
        long c = x.dim(2);
        Tensor all = through(qkv, norm1.apply(x));
        Tensor queries = first(all.slice(2, 0, c), tokens);
        Tensor seen = attention.of(queries, all.slice(2, c, 2 * c), all.slice(2, 2 * c, 3 * c), heads);
        Tensor y = through(out, seen).plus(first(x, tokens));
        return through(fc2, activation.apply(through(fc1, norm2.apply(y)))).plus(y);
    }

    private static Tensor first(Tensor x, int tokens) {
        return x.slice(1, 0, tokens);
    }

    /** In the map's type, and back. */
    private static Tensor through(Linear map, Tensor x) {
        return map.apply(x.to(map.dtype())).to(x.dtype());
    }

    private static Tensor back(Linear map, Tensor cotangent) {
        return map.pull(cotangent.to(map.dtype())).to(cotangent.dtype());
    }

    private final class OwnWay implements Pullback<Tensor, Tensor> {
        private final int tokens;

        OwnWay(int tokens) {
            this.tokens = tokens;
        }

        @Override
        public Tensor apply(Tensor x) {
            try (var scope = Scope.open()) {
                return scope.keep(compute(x, tokens, Attention.FULL));
            }
        }

        @Override
        public Tape<Tensor, Tensor> tape(Tensor x) {
            return Scope.holding(scope -> new LayerTape(x, tokens, scope));
        }
    }

    /** One run through the layer, of which what the way back needs is kept: ten numbers where a token has one. */
    private final class LayerTape implements Pullback.Tape<Tensor, Tensor> {
        private final Tensor x;
        private final Tensor all;
        private final Kernels.Attended seen;
        private final Tensor y;
        private final Tensor hidden;
        private final Tensor value;
        private final Scope scope;

        LayerTape(Tensor x, int tokens, Scope scope) {
            this.x = x;
            this.scope = scope;
            try (var passing = Scope.open()) {
                this.all = scope.adopt(through(qkv, norm1.apply(x)));
                this.seen = Kernels.selfAttentionTape(all, tokens, heads);
                scope.adopt(seen.result());
                scope.adopt(seen.sums());
                this.y = scope.adopt(through(out, seen.result()).plus(first(x, tokens)));
                this.hidden = scope.adopt(through(fc1, norm2.apply(y)));
                this.value = passing.keep(through(fc2, activation.apply(hidden)).plus(y));
            }
        }

        @Override
        public Tensor value() {
            return value;
        }

        @Override
        public Tensor pull(Tensor cotangent) {
            try (var passing = Scope.open()) {
                Tensor atHidden = activation.pull(back(fc2, cotangent), hidden);
                Tensor atY = cotangent.plus(norm2.pull(back(fc1, atHidden), y));
                Tensor atAll = Kernels.selfAttentionPull(back(out, atY), all, seen, heads);
                Tensor atX = norm1.pull(back(qkv, atAll), x);
                int tokens = atY.dim(1);
                return passing.keep(
                        tokens == x.dim(1)
                                ? atY.plus(atX)
                                : Tensor.concat(1, atY.plus(first(atX, tokens)), atX.slice(1, tokens, x.dim(1))));
            }
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
