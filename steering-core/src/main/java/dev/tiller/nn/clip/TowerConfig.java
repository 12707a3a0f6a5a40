// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.nn.Activation;
import dev.tiller.nn.TransformersOptions;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;

/**
 * What the towers of CLIP and SigLIP are made of.
 *
 * @param layers transformer layers
 * @param width size of a token's vector
 * @param middle size of a token's vector within a feed-forward layer
 * @param heads attention heads, a divisor of the width
 * @param act between the two maps of a feed-forward layer
 * @param eps added to the variance by every normalisation
 */
record TowerConfig(int layers, int width, int middle, int heads, Activation act, double eps) {

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
        TransformersOptions.ofAllModels(config);
        var tower = new TowerConfig(
                config.integer("num_hidden_layers", 12),
                config.integer("hidden_size", width),
                config.integer("intermediate_size", 4 * width),
                config.integer("num_attention_heads", heads),
                Activation.of(config.text("hidden_act", act)),
                config.number("layer_norm_eps", eps));
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
}
