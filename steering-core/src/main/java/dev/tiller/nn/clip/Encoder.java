// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.EncoderLayer;
import dev.tiller.nn.EncoderLayer.Attention;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.Shapes;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.List;
import java.util.stream.IntStream;

/** The transformer of a tower: keys layers.0, layers.1, …. */
final class Encoder {
    private final List<EncoderLayer> layers;

    /** @param maps the type of its layers' linear maps, see {@link EncoderLayer} */
    Encoder(Weights weights, TowerConfig config, DType maps) {
        var all = weights.at("layers");
        if (all.at(config.layers()).has("layer_norm1.weight")) {
            throw new TillerException("The weights hold more transformer layers than the " + config.layers()
                    + " of config.json: the two do not belong together.");
        }
        this.layers = IntStream.range(0, config.layers())
                .mapToObj(i -> layer(all.at(i), all.at(i).in(maps), config))
                .toList();
    }

    private static EncoderLayer layer(Weights norms, Weights maps, TowerConfig config) {
        var attention = maps.at("self_attn");
        Shapes.norm(norms.at("layer_norm1"), config.width());
        Shapes.norm(norms.at("layer_norm2"), config.width());
        for (var map : new String[] {"q_proj", "k_proj", "v_proj", "out_proj"}) {
            Shapes.linear(attention.at(map), config.width(), config.width());
        }
        Shapes.linear(maps.at("mlp").at("fc1"), config.width(), config.middle());
        Shapes.linear(maps.at("mlp").at("fc2"), config.middle(), config.width());
        return new EncoderLayer(
                new LayerNorm(norms.at("layer_norm1"), config.eps()),
                new LayerNorm(norms.at("layer_norm2"), config.eps()),
                Linear.joined(attention.at("q_proj"), attention.at("k_proj"), attention.at("v_proj")),
                new Linear(attention.at("out_proj")),
                new Linear(maps.at("mlp").at("fc1")),
                new Linear(maps.at("mlp").at("fc2")),
                config.act(),
                config.heads());
    }

    int layers() {
        return layers.size();
    }

    /** The size of a token's vector in the middle of a layer. */
    int middle() {
        return layers.get(0).middle();
    }

    /** x N×L×C through layers [from, to). */
    Tensor apply(Tensor x, int from, int to, Attention attention) {
        Tensor y = x;
        for (var layer : layers.subList(from, to)) {
            Tensor given = y;
            y = layer.apply(given, attention);
            if (given != x) {
                given.close();
            }
        }
        return y;
    }

    /** x N×L×C through all layers, as far as the first T tokens, N×T×C. */
    Tensor first(Tensor x, int tokens) {
        int last = layers.size() - 1;
        Tensor y = apply(x, 0, last, Attention.FULL);
        Tensor first = layers.get(last).apply(y, tokens, Attention.FULL);
        if (y != x) {
            y.close();
        }
        return first;
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
