// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Checkpoints of open_clip ({@code visual.transformer.resblocks.0.attn.in_proj_weight}…) as transformers spells them: the
 * three projections of attention are apart, and the projections into the shared space turned.
 */
final class OpenClip {
    private static final Pattern BLOCK =
            Pattern.compile("(visual\\.)?transformer\\.resblocks\\.(\\d+)\\.(ln_1|ln_2|attn|mlp)\\.(.+)");
    private static final Map<String, String> IN_BLOCK =
            Map.of("ln_1", "layer_norm1", "ln_2", "layer_norm2", "c_fc", "mlp.fc1", "c_proj", "mlp.fc2");
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("visual.class_embedding", "vision_model.embeddings.class_embedding"),
            Map.entry("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
            Map.entry("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"),
            Map.entry("visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"),
            Map.entry("visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"),
            Map.entry("visual.ln_post.weight", "vision_model.post_layernorm.weight"),
            Map.entry("visual.ln_post.bias", "vision_model.post_layernorm.bias"),
            Map.entry("token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
            Map.entry("positional_embedding", "text_model.embeddings.position_embedding.weight"),
            Map.entry("ln_final.weight", "text_model.final_layer_norm.weight"),
            Map.entry("ln_final.bias", "text_model.final_layer_norm.bias"),
            Map.entry("logit_scale", "logit_scale"));
    private static final Map<String, String> TURNED =
            Map.of("visual.proj", "visual_projection.weight", "text_projection", "text_projection.weight");

    private OpenClip() {}

    /** Whether weights are spelled so. */
    static boolean spells(Weights weights) {
        return weights.has("visual.conv1.weight") || weights.has("visual.trunk.cls_token");
    }

    /** @throws TillerException if a key is none of a CLIP whose towers are both transformers */
    static Weights asTransformers(Weights weights) {
        var made = new HashMap<String, Supplier<Tensor>>();
        for (var key : weights.keys()) {
            var block = BLOCK.matcher(key);
            if (NAMES.containsKey(key)) {
                made.put(NAMES.getOrDefault(key, key), () -> weights.get(key));
            } else if (TURNED.containsKey(key)) {
                made.put(
                        TURNED.getOrDefault(key, key),
                        () -> with(weights, key, x -> x.permute(1, 0).copy()));
            } else if (block.matches()) {
                var layer = (block.group(1) == null ? "text_model" : "vision_model") + ".encoder.layers."
                        + block.group(2) + ".";
                block(weights, key, layer, block.group(3), block.group(4), made);
            } else if (!key.equals("attn_mask")) {
                throw new TillerException("The open_clip weights hold '" + key
                        + "': only models whose towers are both plain transformers are supported.");
            }
        }
        return new MadeWeights(made, weights);
    }

    private static void block(
            Weights weights, String key, String layer, String part, String rest, Map<String, Supplier<Tensor>> made) {
        var names = rest.split("\\.", 2);
        if (part.startsWith("ln_")) {
            made.put(layer + IN_BLOCK.get(part) + "." + rest, () -> weights.get(key));
        } else if (part.equals("mlp")) {
            made.put(layer + IN_BLOCK.get(names[0]) + "." + names[1], () -> weights.get(key));
        } else if (rest.startsWith("in_proj_")) {
            var kind = rest.substring("in_proj_".length());
            for (int i = 0; i < 3; i++) {
                int third = i;
                made.put(
                        layer + "self_attn." + "qkv".charAt(i) + "_proj." + kind,
                        () -> with(weights, key, x -> {
                            long c = x.dim(0) / 3;
                            return x.slice(0, third * c, (third + 1) * c);
                        }));
            }
        } else {
            made.put(layer + "self_attn." + rest, () -> weights.get(key));
        }
    }

    private static Tensor with(Weights weights, String key, UnaryOperator<Tensor> change) {
        try (var scope = Scope.open()) {
            return scope.keep(change.apply(weights.get(key)));
        }
    }

    /**
     * The configuration in transformers' words, of {@code open_clip_config.json}.
     *
     * @throws TillerException if it asks for what is not supported
     */
    static ModelConfig config(ModelConfig file) {
        var options = file.fresh();
        var model = options.section("model_cfg");
        options.inert("preprocess_cfg");
        options.refuseOthers();
        var vision = model.section("vision_cfg");
        var text = model.section("text_cfg");
        boolean quick = model.flag("quick_gelu", false);
        int embed = model.integer("embed_dim", 512);
        model.refuseOthers();
        int width = vision.integer("width", 768);
        int headWidth = vision.integer("head_width", 64);
        int mlp = (int) Math.round(width * vision.number("mlp_ratio", 4));
        var described = root(
                embed,
                tower(vision.integer("layers", 12), width, width / headWidth, mlp, quick)
                        .put("image_size", vision.integer("image_size", 224))
                        .put("patch_size", vision.integer("patch_size", 32)),
                tower(
                                text.integer("layers", 12),
                                text.integer("width", 512),
                                text.integer("heads", 8),
                                text.integer("width", 512) * 4,
                                quick)
                        .put("vocab_size", text.integer("vocab_size", 49408))
                        .put("max_position_embeddings", text.integer("context_length", 77)));
        vision.refuseOthers();
        text.refuseOthers();
        return ModelConfig.of(file.where(), described.toString());
    }

    /**
     * The configuration as far as shapes tell it, for weights without a file beside them (HPSv2). Heads are as wide as in
     * open_clip's published models of that width; the activation is the exact GELU.
     */
    static ModelConfig guess(String where, Weights weights) {
        try (var scope = Scope.open()) {
            var patch = weights.get("visual.conv1.weight");
            int width = patch.dim(0);
            int tokens = weights.get("visual.positional_embedding").dim(0) - 1;
            int side = (int) Math.round(Math.sqrt(tokens));
            var words = weights.get("token_embedding.weight");
            int headWidth = switch (width) {
                case 1280 -> 80;
                case 1408 -> 88;
                case 1664 -> 104;
                default -> 64;
            };
            var described = root(
                    weights.get("text_projection").dim(1),
                    tower(
                                    layers(weights, "visual.transformer"),
                                    width,
                                    width / headWidth,
                                    weights.get("visual.transformer.resblocks.0.mlp.c_fc.weight")
                                            .dim(0),
                                    false)
                            .put("image_size", side * patch.dim(2))
                            .put("patch_size", patch.dim(2)),
                    tower(layers(weights, "transformer"), words.dim(1), words.dim(1) / 64, words.dim(1) * 4, false)
                            .put("vocab_size", words.dim(0))
                            .put(
                                    "max_position_embeddings",
                                    weights.get("positional_embedding").dim(0)));
            return ModelConfig.of(where, described.toString());
        }
    }

    private static int layers(Weights weights, String tower) {
        int n = 0;
        while (weights.has(tower + ".resblocks." + n + ".ln_1.weight")) {
            n++;
        }
        return n;
    }

    private static ObjectNode root(int embed, ObjectNode vision, ObjectNode text) {
        var root =
                JsonNodeFactory.instance.objectNode().put("model_type", "clip").put("projection_dim", embed);
        root.set("vision_config", vision);
        // open_clip pools at the largest number, as transformers does where this is 2
        root.set("text_config", text.put("eos_token_id", 2));
        return root;
    }

    private static ObjectNode tower(int layers, int width, int heads, int mlp, boolean quick) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("num_hidden_layers", layers)
                .put("hidden_size", width)
                .put("num_attention_heads", heads)
                .put("intermediate_size", mlp)
                .put("hidden_act", quick ? "quick_gelu" : "gelu");
    }
}
