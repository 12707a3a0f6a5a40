// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.blip;

import dev.tiller.nn.Linear;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * BLIP for judging whether a text belongs to a picture (BlipForImageTextRetrieval), or ImageReward's backbone, which is
 * the same without heads. Safe for several threads at once; closing it frees its weights.
 */
public final class BlipModel implements AutoCloseable {
    /** The original's names of picture tower and parts, and transformers'. */
    private static final Map<String, String> ORIGINAL = Map.of(
            "cls_token", "embeddings.class_embedding",
            "pos_embed", "embeddings.position_embedding",
            "patch_embed.proj.weight", "embeddings.patch_embedding.weight",
            "patch_embed.proj.bias", "embeddings.patch_embedding.bias",
            "norm.weight", "post_layernorm.weight",
            "norm.bias", "post_layernorm.bias");

    private final BlipVision vision;
    private final BlipText text;
    private final @Nullable Linear match;
    private final @Nullable Linear visionProjection;
    private final @Nullable Linear textProjection;
    private final Scope weights;

    private BlipModel(Weights root, ModelConfig visionOptions, ModelConfig textOptions, DType maps, Scope weights) {
        this.vision = new BlipVision(root.at("vision_model"), visionOptions, maps);
        this.text = new BlipText(root.at("text_encoder"), textOptions);
        this.match = optional(root, "itm_head");
        this.visionProjection = optional(root, "vision_proj");
        this.textProjection = optional(root, "text_proj");
        this.weights = weights;
    }

    private static @Nullable Linear optional(Weights root, String name) {
        return root.has(name + ".weight") ? new Linear(root.at(name)) : null;
    }

    /**
     * Loads the model of a folder in transformers' layout.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static BlipModel load(Path folder, DType type, Device device) {
        var options = ModelConfig.read(folder.resolve("config.json"));
        var visionOptions = options.section("vision_config");
        var textOptions = options.section("text_config");
        options.only("model_type", "blip");
        options.inert("architectures", "dtype", "image_text_hidden_size", "initializer_factor", "initializer_range");
        options.inert("label_smoothing", "logit_scale_init_value", "projection_dim", "tie_word_embeddings");
        options.inert("torch_dtype", "transformers_version");
        options.refuseOthers();
        try (var weights = MappedWeights.open(WeightFiles.in(folder), type, device)) {
            return Scope.holding(scope -> new BlipModel(weights, visionOptions, textOptions, type, scope));
        }
    }

    /**
     * The backbone in the original's spelling ({@code visual_encoder.blocks.0.attn.qkv}…), a ViT with heads 64 wide and
     * patches of 16 pixels as all its published ones, normalised with an epsilon of 1e-6.
     *
     * @param weights at the backbone
     * @param bert the text tower's options, as in {@code med_config.json}
     * @param maps the type that the linear maps of the picture tower's layers are computed in; all else is of the weights'
     */
    public static BlipModel original(Weights weights, ModelConfig bert, DType maps) {
        var renamed = new HashMap<String, Supplier<Tensor>>();
        int layers = 0;
        for (var key : weights.keys()) {
            if (key.startsWith("visual_encoder.")) {
                var name = key.substring("visual_encoder.".length());
                var known = name.startsWith("blocks.") ? block(name) : ORIGINAL.get(name);
                if (known == null) {
                    throw new TillerException("The BLIP weights hold '" + key + "', which is not supported.");
                }
                renamed.put("vision_model." + known, () -> weights.get(key));
                layers += name.endsWith("attn.qkv.weight") ? 1 : 0;
            } else {
                renamed.put(key, () -> weights.get(key));
            }
        }
        var made = new MadeWeights(renamed, weights);
        try (var scope = Scope.open()) {
            int width = weights.get("visual_encoder.pos_embed").dim(-1);
            int tokens = weights.get("visual_encoder.pos_embed").dim(1) - 1;
            int patch = weights.get("visual_encoder.patch_embed.proj.weight").dim(2);
            var vision = ModelConfig.of(
                    "visual_encoder",
                    ("{\"image_size\":%d,\"patch_size\":%d,\"hidden_size\":%d,\"num_attention_heads\":%d,"
                                    + "\"num_hidden_layers\":%d,\"layer_norm_eps\":1e-6}")
                            .formatted(
                                    Math.round(Math.sqrt(tokens)) * patch,
                                    patch,
                                    width,
                                    Math.max(1, width / 64),
                                    layers));
            return Scope.holding(held -> new BlipModel(made, vision, bert.fresh(), maps, held));
        }
    }

    private static String block(String name) {
        return name.replaceFirst("^blocks\\.", "encoder.layers.")
                .replace(".norm1.", ".layer_norm1.")
                .replace(".norm2.", ".layer_norm2.")
                .replace(".attn.qkv.", ".self_attn.qkv.")
                .replace(".attn.proj.", ".self_attn.projection.");
    }

    /** Width and height in pixels of the pictures that it reads. */
    public int imageSize() {
        return vision.imageSize();
    }

    /** The number of tokens that it knows. */
    public int vocabulary() {
        return text.vocabulary();
    }

    /**
     * A picture's tokens.
     *
     * @param pixels N×3×H×W, {@link #imageSize} wide and high, normalised as for CLIP
     * @return N×L×C
     */
    public Tensor pictures(Tensor pixels) {
        return vision.apply(pixels);
    }

    /**
     * What reading a text while looking at a picture comes to: the state of its first token.
     *
     * @param ids N×L int64
     * @param mask N×L int64, 0 at padding
     * @param pictures N×S×C as {@link #pictures} gives them
     * @return N×C
     */
    public Tensor together(Tensor ids, Tensor mask, Tensor pictures) {
        try (var scope = Scope.open()) {
            return scope.keep(first(text.apply(ids, mask, pictures)));
        }
    }

    /** Logits that text and picture do not and do belong together, N×2, of what {@link #together} gives. */
    public Tensor match(Tensor together) {
        return require(match, "itm_head").apply(together);
    }

    /** Cosines of every picture N×S×C with every text M×L, which do not see each other: N×M. */
    public Tensor cosines(Tensor pictures, Tensor ids, Tensor mask) {
        try (var scope = Scope.open()) {
            Tensor p = unit(require(visionProjection, "vision_proj").apply(first(pictures)));
            Tensor t = unit(require(textProjection, "text_proj").apply(first(text.apply(ids, mask, null))));
            return scope.keep(p.matmul(t.permute(1, 0)));
        }
    }

    private static Linear require(@Nullable Linear head, String name) {
        if (head == null) {
            throw new TillerException("This BLIP model has no " + name + ".");
        }
        return head;
    }

    private static Tensor first(Tensor tokens) {
        return tokens.slice(1, 0, 1).reshape(tokens.size(), tokens.dim(2));
    }

    private static Tensor unit(Tensor x) {
        return x.dividedBy(x.norm(1));
    }

    @Override
    public void close() {
        weights.close();
    }
}
