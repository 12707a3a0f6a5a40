// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.gradient.Pullback;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.List;
import java.util.stream.IntStream;

/** The transformer of a tower: keys layers.0, layers.1, …; every layer normalises what it reads, not what it writes. */
final class Encoder {
    private final List<Layer> layers;

    /** What a token sees of the others, N×L×C queries, keys and values to N×L×C. */
    interface Attention {
        Tensor of(Tensor q, Tensor k, Tensor v, int heads);
    }

    Encoder(Weights weights, TowerConfig config) {
        var all = weights.at("layers");
        if (all.at(config.layers()).has("layer_norm1.weight")) {
            throw new TillerException("The weights hold more transformer layers than the " + config.layers()
                    + " of config.json: the two do not belong together.");
        }
        this.layers = IntStream.range(0, config.layers())
                .mapToObj(i -> new Layer(all.at(i), config))
                .toList();
    }

    int layers() {
        return layers.size();
    }

    /** The size of a token's vector in the middle of a layer. */
    int middle() {
        return layers.get(0).fc1.width();
    }

    /** x N×L×C through layers [from, to). */
    Tensor apply(Tensor x, int from, int to, Attention attention) {
        Tensor y = x;
        for (var layer : layers.subList(from, to)) {
            Tensor given = y;
            y = attention == FULL && layer.hasOwnWay(given)
                    ? Recording.through(layer, given)
                    : Recording.block(() -> layer.apply(given, attention));
            if (given != x) {
                given.close();
            }
        }
        return y;
    }

    /** With packed weights, which have no graph, a layer of full attention knows its own way back. */
    private static final class Layer implements Pullback<Tensor, Tensor> {
        private final TowerConfig config;
        private final LayerNorm norm1;
        private final LayerNorm norm2;
        private final Linear qkv;
        private final Linear out;
        private final Linear fc1;
        private final Linear fc2;

        Layer(Weights weights, TowerConfig config) {
            this.config = config;
            this.norm1 = new LayerNorm(weights.at("layer_norm1"), config.eps());
            this.norm2 = new LayerNorm(weights.at("layer_norm2"), config.eps());
            var attention = weights.at("self_attn");
            this.qkv = Linear.joined(attention.at("q_proj"), attention.at("k_proj"), attention.at("v_proj"));
            this.out = new Linear(attention.at("out_proj"));
            this.fc1 = new Linear(weights.at("mlp").at("fc1"));
            this.fc2 = new Linear(weights.at("mlp").at("fc2"));
        }

        Tensor apply(Tensor x, Attention attention) {
            int c = config.width();
            Tensor all = qkv.apply(norm1.apply(x));
            Tensor seen = attention.of(
                    all.slice(2, 0, c), all.slice(2, c, 2L * c), all.slice(2, 2L * c, 3L * c), config.heads());
            Tensor y = out.applyOnto(seen, x);
            return feed(y);
        }

        boolean hasOwnWay(Tensor x) {
            return Recording.takesMaps() && x.dtype() == DType.FLOAT32 && Packed.knows(x);
        }

        @Override
        public Tensor apply(Tensor x) {
            try (var scope = Scope.open()) {
                return scope.keep(apply(x, FULL));
            }
        }

        @Override
        public Tape<Tensor, Tensor> tape(Tensor x) {
            return Scope.holding(scope -> new LayerTape(this, x, scope));
        }

        private Tensor feed(Tensor y) {
            return fc2.applyOnto(config.activation(fc1.apply(norm2.apply(y))), y);
        }
    }

    /** One run through a layer, of which what the way back needs is kept: ten numbers where a token has one. */
    private static final class LayerTape implements Pullback.Tape<Tensor, Tensor> {
        private final Layer layer;
        private final Tensor x;
        private final Tensor qkv;
        private final Kernels.Attended seen;
        private final Tensor y;
        private final Tensor hidden;
        private final Tensor value;
        private final Scope scope;

        LayerTape(Layer layer, Tensor x, Scope scope) {
            this.layer = layer;
            this.x = x;
            this.scope = scope;
            try (var passing = Scope.open()) {
                this.qkv = scope.adopt(layer.qkv.apply(layer.norm1.apply(x)));
                this.seen = Kernels.selfAttentionTape(qkv, layer.config.heads());
                scope.adopt(seen.result());
                scope.adopt(seen.sums());
                this.y = scope.adopt(layer.out.applyOnto(seen.result(), x));
                this.hidden = scope.adopt(layer.fc1.apply(layer.norm2.apply(y)));
                this.value = passing.keep(layer.fc2.applyOnto(layer.config.activation(hidden), y));
            }
        }

        @Override
        public Tensor value() {
            return value;
        }

        @Override
        public Tensor pull(Tensor cotangent) {
            try (var passing = Scope.open()) {
                Tensor atHidden = layer.config.activationPull(layer.fc2.pull(cotangent), hidden);
                Tensor atY = cotangent.plus(layer.norm2.pull(layer.fc1.pull(atHidden), y));
                Tensor atQkv = Kernels.selfAttentionPull(layer.out.pull(atY), qkv, seen, layer.config.heads());
                return passing.keep(atY.plus(layer.norm1.pull(layer.qkv.pull(atQkv), x)));
            }
        }

        @Override
        public void close() {
            scope.close();
        }
    }

    private static final Attention FULL = (q, k, v, heads) -> Kernels.attention(q, k, v, heads, false);

    /** Every token sees all. */
    static Attention full() {
        return FULL;
    }

    /** Every token sees itself and those before it. */
    static Attention causal() {
        return (q, k, v, heads) -> Kernels.attention(q, k, v, heads, true);
    }

    /** Every token sees others to which this, N×1×L×L, adds 0 and not minus infinity. */
    static Attention masked(Tensor mask) {
        return (q, k, v, heads) -> Kernels.attention(q, k, v, heads, mask);
    }
}
