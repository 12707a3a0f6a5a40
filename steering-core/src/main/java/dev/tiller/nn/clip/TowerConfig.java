// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;

/**
 * What the towers of CLIP and SigLIP are made of.
 *
 * @param layers transformer layers
 * @param width size of a token's vector
 * @param heads attention heads, a divisor of the width
 * @param act the activation by transformers' name: quick_gelu, gelu or gelu_pytorch_tanh
 * @param eps added to the variance by every normalisation
 */
record TowerConfig(int layers, int width, int heads, String act, double eps) {

    /** Reads what both towers of CLIP have, with a missing option at the value that transformers has for it. */
    static TowerConfig of(ModelConfig config, int width, int heads) {
        config.only("hidden_act", "quick_gelu", "gelu");
        return of(config, width, heads, "quick_gelu", 1e-5);
    }

    /** As {@link #of}, of SigLIP. */
    static TowerConfig ofSiglip(ModelConfig config) {
        config.only("hidden_act", "gelu_pytorch_tanh", "gelu");
        return of(config, 768, 12, "gelu_pytorch_tanh", 1e-6);
    }

    private static TowerConfig of(ModelConfig config, int width, int heads, String act, double eps) {
        config.inert(
                "_name_or_path",
                "architectures",
                "attention_dropout",
                "dropout",
                "dtype",
                "initializer_factor",
                "initializer_range",
                "model_type",
                "projection_dim",
                "torch_dtype",
                "transformers_version");
        config.inert(OF_ALL_MODELS);
        config.only("pruned_heads", ""); // the text of an empty object
        var tower = new TowerConfig(
                config.integer("num_hidden_layers", 12),
                config.integer("hidden_size", width),
                config.integer("num_attention_heads", heads),
                config.text("hidden_act", act),
                config.number("layer_norm_eps", eps));
        config.inert("intermediate_size");
        if (tower.layers < 1 || tower.heads < 1 || tower.width < 1 || tower.width % tower.heads != 0) {
            throw new TillerException(config.where() + ": " + tower.layers + " layers of width " + tower.width
                    + " with " + tower.heads + " heads are not possible.");
        }
        return tower;
    }

    /** Refuses weights of another size than the configuration asks for. */
    void require(String where, String what, Tensor table, int count) {
        if (table.dim(0) != count || table.dim(1) != width) {
            throw new TillerException(
                    where + " asks for " + count + "×" + width + " " + what + ", but the weights have " + table.dim(0)
                            + "×" + table.dim(1) + ": the two do not belong together.");
        }
    }

    Tensor activation(Tensor x) {
        return switch (act) {
            case "quick_gelu" -> Kernels.quickGelu(x);
            case "gelu_pytorch_tanh" -> Kernels.geluTanh(x);
            default -> Kernels.gelu(x);
        };
    }

    /** The way back of {@link #activation} at x. */
    Tensor activationPull(Tensor cotangent, Tensor x) {
        return switch (act) {
            case "quick_gelu" -> Kernels.quickGeluPull(cotangent, x);
            case "gelu_pytorch_tanh" -> Kernels.geluTanhPull(cotangent, x);
            default -> Kernels.geluPull(cotangent, x);
        };
    }

    /** Options that transformers 4 writes into every configuration; none concerns these networks' forward pass. */
    private static final String[] OF_ALL_MODELS = {
        "add_cross_attention",
        "bad_words_ids",
        "begin_suppress_tokens",
        "chunk_size_feed_forward",
        "cross_attention_hidden_size",
        "decoder_start_token_id",
        "diversity_penalty",
        "do_sample",
        "early_stopping",
        "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty",
        "finetuning_task",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "gradient_checkpointing",
        "id2label",
        "is_decoder",
        "is_encoder_decoder",
        "label2id",
        "length_penalty",
        "max_length",
        "min_length",
        "no_repeat_ngram_size",
        "num_beam_groups",
        "num_beams",
        "num_return_sequences",
        "output_attentions",
        "output_hidden_states",
        "output_scores",
        "prefix",
        "problem_type",
        "remove_invalid_values",
        "repetition_penalty",
        "return_dict",
        "return_dict_in_generate",
        "sep_token_id",
        "suppress_tokens",
        "task_specific_params",
        "temperature",
        "tf_legacy_loss",
        "tie_encoder_decoder",
        "tie_word_embeddings",
        "tokenizer_class",
        "top_k",
        "top_p",
        "torchscript",
        "typical_p",
        "use_bfloat16",
        "use_cache"
    };
}
