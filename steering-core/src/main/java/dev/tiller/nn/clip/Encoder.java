// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Recording;
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

    /** x N×L×C through layers [from, to). */
    Tensor apply(Tensor x, int from, int to, Attention attention) {
        Tensor y = x;
        for (var layer : layers.subList(from, to)) {
            Tensor given = y;
            y = Recording.block(() -> layer.apply(given, attention));
            if (given != x) {
                given.close();
            }
        }
        return y;
    }

    private static final class Layer {
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
            return fc2.applyOnto(config.activation(fc1.apply(norm2.apply(y))), y);
        }
    }

    /** Every token sees all. */
    static Attention full() {
        return (q, k, v, heads) -> Kernels.attention(q, k, v, heads, false);
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
