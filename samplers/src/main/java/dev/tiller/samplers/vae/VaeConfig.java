// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.weights.ModelConfig;
import java.util.List;

/** What an autoencoder's {@code config.json} asks for. */
public sealed interface VaeConfig {
    /** Channels of the latents. */
    int latentChannels();

    /** How many pixels wide and high a latent is. */
    int pixelsPerLatent();

    /** The samplers' latents are (z − shift) · scale, where z is what the autoencoder speaks. */
    double scale();

    /** See {@link #scale}. */
    double shift();

    /** The type to compute in where the rest computes in {@code type}. */
    DType computeType(DType type);

    /**
     * Reads a configuration.
     *
     * @throws TillerException if it asks for something that is not supported, by name
     */
    static VaeConfig of(ModelConfig file) {
        var config = file.fresh();
        config.only("_class_name", "AutoencoderKL", "AutoencoderTiny");
        return switch (config.text("_class_name", "")) {
            case "AutoencoderKL" -> Kl.read(config);
            case "AutoencoderTiny" -> Tiny.read(config);
            default -> throw new TillerException(file.where() + " does not name its class (_class_name).");
        };
    }

    /**
     * AutoencoderKL.
     *
     * @param channels of each resolution, from the finest
     * @param layers resnets of each block of the encoder; the decoder's have one more
     * @param groups of every group normalisation
     * @param middleAttention whether the coarsest resolution has attention
     * @param quantConv whether a 1×1 convolution follows the encoder
     * @param postQuantConv whether a 1×1 convolution precedes the decoder
     * @param forceUpcast whether float16 overflows in it
     */
    record Kl(
            int latentChannels,
            double scale,
            double shift,
            int[] channels,
            int layers,
            int groups,
            boolean middleAttention,
            boolean quantConv,
            boolean postQuantConv,
            boolean forceUpcast)
            implements VaeConfig {
        private static Kl read(ModelConfig c) {
            var channels = c.integers("block_out_channels", 64);
            onlyBlocks(c, "down_block_types", "DownEncoderBlock2D", channels.length);
            onlyBlocks(c, "up_block_types", "UpDecoderBlock2D", channels.length);
            c.only("act_fn", "silu", "swish");
            c.only("in_channels", 3);
            c.only("out_channels", 3);
            c.only("latents_mean");
            c.only("latents_std");
            // The size that it was trained at; it decodes any.
            c.inert("sample_size");
            var config = new Kl(
                    c.integer("latent_channels", 4),
                    c.number("scaling_factor", 0.18215),
                    c.number("shift_factor", 0),
                    channels,
                    c.integer("layers_per_block", 1),
                    c.integer("norm_num_groups", 32),
                    c.flag("mid_block_add_attention", true),
                    c.flag("use_quant_conv", true),
                    c.flag("use_post_quant_conv", true),
                    c.flag("force_upcast", true));
            c.refuseOthers();
            for (int width : channels) {
                if (config.groups < 1 || width < 1 || width % config.groups != 0) {
                    throw new TillerException(c.where() + ": " + width + " channels in " + config.groups
                            + " groups of normalisation are not possible.");
                }
            }
            if (channels.length == 0 || config.layers < 1 || config.latentChannels < 1 || config.scale == 0) {
                throw new TillerException(c.where() + ": block_out_channels, layers_per_block, latent_channels and"
                        + " scaling_factor must not be empty or 0.");
            }
            return config;
        }

        private static void onlyBlocks(ModelConfig c, String key, String type, int levels) {
            List<String> types = c.texts(key, type);
            if (types.size() != levels || !types.stream().allMatch(type::equals)) {
                throw new TillerException(c.where() + ": " + key + " = " + types + " is not supported; supported: "
                        + levels + " of " + type + ", one for each of block_out_channels.");
            }
        }

        @Override
        public int pixelsPerLatent() {
            return 1 << (channels.length - 1);
        }

        @Override
        public DType computeType(DType type) {
            return forceUpcast && type == DType.FLOAT16 ? DType.FLOAT32 : type;
        }
    }

    /**
     * AutoencoderTiny (TAESD).
     *
     * @param encoderBlocks how many blocks each resolution of the encoder has
     * @param decoderBlocks how many blocks each resolution of the decoder has
     */
    record Tiny(int latentChannels, double scale, double shift, int[] encoderBlocks, int[] decoderBlocks)
            implements VaeConfig {
        private static Tiny read(ModelConfig c) {
            c.only("act_fn", "relu");
            c.only("upsample_fn", "nearest");
            c.only("upsampling_scaling_factor", 2);
            c.only("in_channels", 3);
            c.only("out_channels", 3);
            c.only("force_upcast", false);
            // The weights say how many channels there are; magnitude and shift are for storing latents as bytes.
            c.inert("block_out_channels", "encoder_block_out_channels", "decoder_block_out_channels");
            c.inert("latent_magnitude", "latent_shift");
            var config = new Tiny(
                    c.integer("latent_channels", 4),
                    c.number("scaling_factor", 1),
                    c.number("shift_factor", 0),
                    c.integers("num_encoder_blocks", 1, 3, 3, 3),
                    c.integers("num_decoder_blocks", 3, 3, 3, 1));
            c.refuseOthers();
            return config;
        }

        @Override
        public int pixelsPerLatent() {
            return 1 << (decoderBlocks.length - 1);
        }

        @Override
        public DType computeType(DType type) {
            return type;
        }
    }
}
