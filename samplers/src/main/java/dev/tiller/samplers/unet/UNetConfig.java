// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.List;

/**
 * What a UNet's {@code config.json} asks for. Lists have one element per resolution, from the finest to the coarsest.
 *
 * @param inChannels channels of the sample: 4, or 9 for inpainting
 * @param outChannels channels of the prediction
 * @param sampleSize height and width of the latents it was trained on, 0 if not said
 * @param channels channels of each resolution
 * @param downAttention whether the down block has transformers
 * @param upAttention whether the up block has transformers, from the coarsest to the finest
 * @param middle whether there is a middle block
 * @param layers resnets of each down block; up blocks have one more
 * @param heads attention heads of each resolution
 * @param depths transformer blocks of each transformer
 * @param contextChannels channels of the text encoder's output
 * @param groups groups of every group normalisation
 * @param eps of the resnets' group normalisations
 * @param linearProjection whether the transformers' projections are linear maps (else 1×1 convolutions)
 * @param upcastAttention whether attention is computed in float32 also in a 16-bit network
 * @param cosineFirst whether the time embedding has cosines before sines
 * @param frequencyShift of the time embedding
 * @param guidanceChannels channels of the guidance-scale embedding of an LCM, or 0
 * @param sizeChannels channels of each embedded number of SDXL's size conditioning, or 0 without it
 * @param sizeInputs what SDXL\'s size conditioning reads: the pooled text embedding and six embedded numbers; 0 without it
 */
public record UNetConfig(
        int inChannels,
        int outChannels,
        int sampleSize,
        int[] channels,
        boolean[] downAttention,
        boolean[] upAttention,
        boolean middle,
        int layers,
        int[] heads,
        int[] depths,
        int contextChannels,
        int groups,
        double eps,
        boolean linearProjection,
        boolean upcastAttention,
        boolean cosineFirst,
        double frequencyShift,
        int guidanceChannels,
        int sizeChannels,
        int sizeInputs) {
    /** Wider pictures than anybody has the memory for. */
    private static final int MOST_LATENTS = 1 << 14;

    /**
     * Reads a configuration.
     *
     * @throws TillerException if it asks for something that is not supported, by name
     */
    public static UNetConfig of(ModelConfig file) {
        ModelConfig c = file.fresh();
        int[] channels = c.integers("block_out_channels", 320, 640, 1280, 1280);
        int levels = channels.length;
        boolean sizes = c.text("addition_embed_type", "").equals("text_time");
        c.only("addition_embed_type", "text_time");
        c.inert("addition_embed_type_num_heads");
        if (!sizes) {
            c.only("projection_class_embeddings_input_dim");
            c.only("addition_time_embed_dim");
        }
        for (var needed : List.of("addition_time_embed_dim", "projection_class_embeddings_input_dim")) {
            demand(
                    !sizes || c.integer(needed, 0) > 0,
                    c.where(),
                    "addition_embed_type = \"text_time\" needs " + needed);
        }
        refuseAllBut(c);
        var config = new UNetConfig(
                c.integer("in_channels", 4),
                c.integer("out_channels", 4),
                c.integer("sample_size", 0),
                channels,
                attention(
                        c,
                        "down_block_types",
                        "CrossAttnDownBlock2D",
                        "DownBlock2D",
                        levels,
                        c.texts(
                                "down_block_types",
                                "CrossAttnDownBlock2D",
                                "CrossAttnDownBlock2D",
                                "CrossAttnDownBlock2D",
                                "DownBlock2D")),
                attention(
                        c,
                        "up_block_types",
                        "CrossAttnUpBlock2D",
                        "UpBlock2D",
                        levels,
                        c.texts(
                                "up_block_types",
                                "UpBlock2D",
                                "CrossAttnUpBlock2D",
                                "CrossAttnUpBlock2D",
                                "CrossAttnUpBlock2D")),
                middle(c),
                c.integer("layers_per_block", 2),
                c.integersOrOne("attention_head_dim", levels, 8),
                c.integersOrOne("transformer_layers_per_block", levels, 1),
                c.integer("cross_attention_dim", 1280),
                c.integer("norm_num_groups", 32),
                c.number("norm_eps", 1e-5),
                c.flag("use_linear_projection", false),
                c.flag("upcast_attention", false),
                c.flag("flip_sin_to_cos", true),
                c.number("freq_shift", 0),
                c.integer("time_cond_proj_dim", 0),
                sizes ? c.integer("addition_time_embed_dim", 0) : 0,
                sizes ? c.integer("projection_class_embeddings_input_dim", 0) : 0);
        c.refuseOthers();
        int size = c.integer("sample_size", 1);
        demand(size >= 1 && size <= MOST_LATENTS, c.where(), "sample_size = " + size + " is not possible");
        config.requirePossible(c.where());
        return config;
    }

    private void requirePossible(String where) {
        demand(levels() > 0, where, "block_out_channels is empty");
        demand(groups > 0, where, "norm_num_groups = " + groups + " is not possible");
        demand(layers > 0, where, "layers_per_block = " + layers + " is not possible");
        for (int level = 0; level < levels(); level++) {
            int width = channels[level];
            demand(
                    width > 0 && width % groups == 0,
                    where,
                    width + " channels in " + groups + " groups of normalisation are not possible");
            if (downAttention[level] || upAttention[levels() - 1 - level] || (middle && level == levels() - 1)) {
                demand(
                        heads[level] > 0 && width % heads[level] == 0,
                        where,
                        width + " channels with " + heads[level] + " heads (attention_head_dim) are not possible");
                demand(
                        depths[level] > 0,
                        where,
                        "transformer_layers_per_block = " + depths[level] + " is not possible");
            }
        }
    }

    private static void demand(boolean possible, String where, String otherwise) {
        if (!possible) {
            throw new TillerException(where + ": " + otherwise + ".");
        }
    }

    /** Options of which one value is supported: the one that changes nothing. */
    private static void refuseAllBut(ModelConfig c) {
        c.only("_class_name", "UNet2DConditionModel");
        c.only("act_fn", "silu", "swish");
        c.only("attention_type", "default");
        c.only("center_input_sample", false);
        c.only("class_embed_type");
        c.only("class_embeddings_concat", false);
        c.only("conv_in_kernel", 3);
        c.only("conv_out_kernel", 3);
        c.only("cross_attention_norm");
        c.only("downsample_padding", 1);
        c.only("dual_cross_attention", false);
        c.only("encoder_hid_dim");
        c.only("encoder_hid_dim_type");
        c.only("mid_block_only_cross_attention", false);
        c.only("mid_block_scale_factor", 1);
        c.only("num_attention_heads");
        c.only("num_class_embeds");
        c.only("only_cross_attention", false);
        c.only("resnet_out_scale_factor", 1);
        c.only("resnet_skip_time_act", false);
        c.only("resnet_time_scale_shift", "default");
        c.only("reverse_transformer_layers_per_block");
        c.only("time_embedding_act_fn");
        c.only("time_embedding_dim");
        c.only("time_embedding_type", "positional");
        c.only("timestep_post_act");
        // Dropout is not applied when a network is used.
        c.inert("dropout");
    }

    private static boolean middle(ModelConfig c) {
        c.only("mid_block_type", "UNetMidBlock2DCrossAttn");
        // Absent means the usual block, null means none: distilled checkpoints ship without.
        return c.has("mid_block_type") || !c.keys().contains("mid_block_type");
    }

    private static boolean[] attention(
            ModelConfig c, String key, String with, String without, int levels, List<String> types) {
        if (types.size() != levels) {
            throw new TillerException(c.where() + ": " + key + " has " + types.size()
                    + " blocks, but block_out_channels " + levels + ".");
        }
        boolean[] attention = new boolean[levels];
        for (int i = 0; i < levels; i++) {
            attention[i] = types.get(i).equals(with);
            if (!attention[i] && !types.get(i).equals(without)) {
                throw new TillerException(c.where() + ": " + key + " = " + types.get(i)
                        + " is not supported; supported: " + with + ", " + without + ".");
            }
        }
        return attention;
    }

    /** The number of resolutions. */
    public int levels() {
        return channels.length;
    }
}
