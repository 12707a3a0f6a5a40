// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Packed;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UNetTest {
    private int before;

    @BeforeEach
    void count() {
        before = Tensor.alive();
    }

    @AfterEach
    void noneAlive() {
        assertEquals(before, Tensor.alive());
    }

    /** Every reference network of diffusers, two inputs each, within the tolerance measured for it. */
    @ParameterizedTest
    @ValueSource(strings = {"sd15", "sd15_gn32", "sd21", "lcm", "inpaint9", "sharded", "fp16_variant"})
    void equalsDiffusers(String name) {
        var report = new Parity(List.of(new UNetParity())).over(List.of(golden(name)));
        assertTrue(report.passed(), report.table());
    }

    /** The plain kernels, which a thread that records gradients uses, and those on packed weights. */
    @Test
    void packedWeightsChangeNothing() throws IOException {
        try (var scope = Scope.open();
                var unet = load(golden("sd15_gn32"), DType.FLOAT32);
                var prompt = unet.prepare(Kernels.randn(2, 1, 7, 16))) {
            Tensor x = Kernels.randn(1, 2, 4, 32, 32);
            Tensor time = Tensor.of(new float[] {500}, 1);
            assertTrue(Packed.supports(x));
            Tensor packed = unet.forward(x, time, prompt);
            Tensor plain = Engine.recording(() -> unet.forward(x, time, prompt));
            double difference = largest(packed.minus(plain));
            assertTrue(difference > 0 && difference < 2e-5, "difference " + difference);
            assertTrue(scope.size() > 0);
        }
    }

    /** Rows that share a prompt and a time may be given them once. */
    @Test
    void sharedPromptsAndTimesEqualRepeatedOnes() throws IOException {
        try (var scope = Scope.open();
                var unet = load(golden("sd15"), DType.FLOAT32)) {
            Tensor sample = Kernels.randn(1, 6, 4, 16, 8);
            Tensor context = Kernels.randn(2, 2, 7, 24);
            try (var shared = unet.prepare(context);
                    var repeated = unet.prepare(context.gather(new int[] {0, 0, 0, 1, 1, 1}))) {
                Tensor once = unet.forward(sample, Tensor.of(new long[] {500}, 1), shared);
                Tensor each = unet.forward(sample, Tensor.of(new long[] {500, 500, 500, 500, 500, 500}, 6), repeated);
                assertEquals(0, largest(once.minus(each)), 2e-5);
                assertTrue(largest(once.rows(0, 3).minus(once.rows(3, 6))) > 0.01);
            }
            assertTrue(scope.size() > 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"BFLOAT16", "FLOAT16"})
    void sixteenBitsAreClose(DType dtype) throws IOException {
        try (var scope = Scope.open();
                var exact = load(golden("sd15"), DType.FLOAT32);
                var rough = load(golden("sd15"), dtype)) {
            Tensor sample = Kernels.randn(1, 2, 4, 16, 16);
            Tensor context = Kernels.randn(2, 1, 7, 24);
            Tensor time = Tensor.of(new long[] {500}, 1);
            try (var p = exact.prepare(context);
                    var q = rough.prepare(context)) {
                Tensor y = exact.forward(sample, time, p);
                Tensor z = rough.forward(sample, time, q);
                assertEquals(DType.FLOAT32, z.dtype());
                double error = largest(y.minus(z)) / largest(y);
                assertTrue(error < 0.1 && error > 0, "relative error " + error);
            }
            assertTrue(scope.size() > 0);
        }
    }

    @Test
    void manyStepsLeaveNothing() throws IOException {
        try (var scope = Scope.open();
                var unet = load(golden("fp16_variant"), DType.FLOAT32);
                var prompt = unet.prepare(Kernels.randn(2, 1, 7, 16))) {
            Tensor x = Kernels.randn(1, 2, 4, 16, 16);
            // The first pass packs the weights.
            unet.forward(x, Tensor.of(new float[] {0}, 1), prompt);
            int alive = Tensor.alive();
            for (int i = 0; i < 50; i++) {
                try (var step = Scope.open()) {
                    unet.forward(x, Tensor.of(new float[] {i}, 1), prompt);
                    assertEquals(2, step.size());
                }
            }
            assertEquals(alive, Tensor.alive());
            assertTrue(scope.size() > 0);
        }
    }

    @Test
    void whatIsNotSupportedIsRefusedByName() {
        refused("act_fn", "gelu");
        refused("addition_embed_type", "image");
        refused("addition_time_embed_dim", 256);
        refused("attention_type", "gated");
        refused("center_input_sample", true);
        refused("class_embed_type", "timestep");
        refused("class_embeddings_concat", true);
        refused("conv_in_kernel", 1);
        refused("conv_out_kernel", 1);
        refused("cross_attention_dim", List.of(16, 16));
        refused("cross_attention_norm", "layer_norm");
        refused("down_block_types", List.of("CrossAttnDownBlock2D", "AttnDownBlock2D"));
        refused("downsample_padding", 0);
        refused("dual_cross_attention", true);
        refused("encoder_hid_dim", 512);
        refused("encoder_hid_dim_type", "text_proj");
        refused("layers_per_block", List.of(1, 2));
        refused("mid_block_only_cross_attention", true);
        refused("mid_block_scale_factor", 2);
        refused("mid_block_type", "UNetMidBlock2D");
        refused("num_attention_heads", 8);
        refused("num_class_embeds", 10);
        refused("only_cross_attention", List.of(true, false));
        refused("projection_class_embeddings_input_dim", 2816);
        refused("resnet_out_scale_factor", 1.4);
        refused("resnet_skip_time_act", true);
        refused("resnet_time_scale_shift", "scale_shift");
        refused("reverse_transformer_layers_per_block", List.of(1, 1));
        refused("time_embedding_act_fn", "silu");
        refused("time_embedding_dim", 64);
        refused("time_embedding_type", "fourier");
        refused("timestep_post_act", "silu");
        refused("transformer_layers_per_block", List.of(List.of(1), List.of(1)));
        refused("up_block_types", List.of("AttnUpBlock2D", "CrossAttnUpBlock2D"));
        refused("a_new_option", 1);
    }

    private static void refused(String option, Object value) {
        ModelConfig config =
                ModelConfig.read(golden("sd15").resolve("config.json")).with(option, value);
        var e = assertThrows(TillerException.class, () -> UNetConfig.of(config));
        assertTrue(e.getMessage().contains(option), e.getMessage());
    }

    @Test
    void wrongPromptsAreRefused() throws IOException {
        try (var scope = Scope.open();
                var unet = load(golden("sd15"), DType.FLOAT32);
                var prompt = unet.prepare(Kernels.randn(2, 2, 7, 24))) {
            assertThrows(TillerException.class, () -> unet.prepare(Kernels.randn(2, 1, 7, 23)));
            Tensor context = Kernels.randn(2, 1, 7, 24);
            assertThrows(TillerException.class, () -> unet.prepare(new UNet.Prompt(context, context, null, null)));
            assertThrows(TillerException.class, () -> unet.prepare(new UNet.Prompt(context, null, context, context)));
            Tensor time = Tensor.of(new float[] {1}, 1);
            assertThrows(
                    IllegalArgumentException.class, () -> unet.forward(Kernels.randn(1, 3, 4, 16, 16), time, prompt));
            assertThrows(
                    IllegalArgumentException.class, () -> unet.forward(Kernels.randn(1, 2, 9, 16, 16), time, prompt));
            assertArrayEquals(new long[] {1}, time.shape());
            assertTrue(scope.size() > 0);
        }
    }

    private static UNet load(Path dir, DType dtype) throws IOException {
        try (var weights = MappedWeights.open(WeightFiles.in(dir), dtype, Device.CPU)) {
            return UNet.load(weights, UNetConfig.of(ModelConfig.read(dir.resolve("config.json"))));
        }
    }

    private static double largest(Tensor x) {
        double largest = 0;
        for (double value : x.toDoubles()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static Path golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(UNetTest.class.getResource("/golden/models/unet_" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
