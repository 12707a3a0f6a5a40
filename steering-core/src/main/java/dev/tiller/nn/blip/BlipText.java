// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.blip;

import dev.tiller.nn.Embedding;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** BLIP's text tower (BlipTextModel as encoder): BERT, each of whose layers can look at a picture's tokens. */
final class BlipText {
    private final Embedding words;
    private final Tensor positions;
    private final LayerNorm norm;
    private final List<Layer> layers;

    BlipText(Weights root, ModelConfig options) {
        int heads = options.integer("num_attention_heads", 8);
        double eps = options.number("layer_norm_eps", 1e-12);
        int width = options.integer("hidden_size", 768);
        options.only("hidden_act", "gelu");
        options.only("position_embedding_type", "absolute");
        options.only("add_cross_attention", true);
        options.inert("attention_probs_dropout_prob", "bos_token_id", "encoder_hidden_size", "encoder_width");
        options.inert("eos_token_id", "hidden_dropout_prob", "initializer_range", "intermediate_size", "is_decoder");
        options.inert("label_smoothing", "max_position_embeddings", "model_type", "pad_token_id", "projection_dim");
        options.inert("sep_token_id", "tie_word_embeddings", "use_cache", "vocab_size", "architectures", "dtype");
        options.inert("torch_dtype", "transformers_version", "type_vocab_size", "initializer_factor");
        options.inert("attention_dropout", "dropout", "num_attention_heads", "bos_token_id");
        this.layers = IntStream.range(0, options.integer("num_hidden_layers", 12))
                .mapToObj(i -> new Layer(root.at("encoder").at("layer").at(i), heads, eps))
                .toList();
        options.refuseOthers();
        var embeddings = root.at("embeddings");
        this.words = new Embedding(embeddings.at("word_embeddings"));
        this.positions = embeddings.get("position_embeddings.weight");
        this.norm = new LayerNorm(embeddings.at("LayerNorm"), eps);
        if (words.table().dim(1) != width || width % heads != 0) {
            throw new TillerException(
                    options.where() + " does not fit the text tower's weights: the two do not belong together.");
        }
    }

    int vocabulary() {
        return words.table().size();
    }

    /**
     * @param ids N×L int64
     * @param mask N×L int64, 0 where no token may look
     * @param picture N×S×C, or null: then no layer looks at a picture
     * @return N×L×C
     */
    Tensor apply(Tensor ids, Tensor mask, @Nullable Tensor picture) {
        int length = ids.dim(1);
        if (length > positions.size()) {
            throw new TillerException("The text encoder reads at most " + positions.size() + " tokens, not " + length
                    + ": the tokenizer is not this model's.");
        }
        try (var scope = Scope.open()) {
            Tensor x = norm.apply(words.apply(ids.to(positions.device())).plus(positions.rows(0, length)));
            Tensor open = mask.to(positions.device()).to(x.dtype());
            // as transformers does it: the most negative number where a token is hidden
            Tensor hidden = open.minus(1).times(Float.MAX_VALUE).reshape(ids.size(), 1, 1, length);
            for (var layer : layers) {
                x = layer.apply(x, hidden, picture);
            }
            return scope.keep(x);
        }
    }

    private static final class Layer {
        private final Attention self;
        private final Attention cross;
        private final Linear in;
        private final Linear out;
        private final LayerNorm norm;

        Layer(Weights weights, int heads, double eps) {
            this.self = new Attention(weights.at("attention"), heads, eps);
            this.cross = new Attention(weights.at("crossattention"), heads, eps);
            this.in = new Linear(weights.at("intermediate").at("dense"));
            this.out = new Linear(weights.at("output").at("dense"));
            this.norm = new LayerNorm(weights.at("output").at("LayerNorm"), eps);
        }

        Tensor apply(Tensor x, Tensor hidden, @Nullable Tensor picture) {
            Tensor y = self.apply(x, x, hidden);
            if (picture != null) {
                y = cross.apply(y, picture, null);
            }
            return norm.apply(out.applyOnto(Kernels.gelu(in.apply(y)), y));
        }
    }

    private static final class Attention {
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear out;
        private final LayerNorm norm;
        private final int heads;

        Attention(Weights weights, int heads, double eps) {
            var self = weights.at("self");
            this.query = new Linear(self.at("query"));
            this.key = new Linear(self.at("key"));
            this.value = new Linear(self.at("value"));
            this.out = new Linear(weights.at("output").at("dense"));
            this.norm = new LayerNorm(weights.at("output").at("LayerNorm"), eps);
            this.heads = heads;
        }

        Tensor apply(Tensor x, Tensor context, @Nullable Tensor mask) {
            Tensor q = query.apply(x);
            Tensor k = key.apply(context);
            Tensor v = value.apply(context);
            Tensor seen =
                    mask == null ? Kernels.attention(q, k, v, heads, false) : Kernels.attention(q, k, v, heads, mask);
            return norm.apply(out.applyOnto(seen, x));
        }
    }
}
