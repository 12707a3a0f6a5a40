// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.blip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.parity.Parity;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlipTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "models", "blip_itm");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Test
    void everyResultEqualsTheReference() {
        var report = new Parity(List.of(new BlipParity())).over(List.of(GOLDEN));
        assertTrue(report.passed(), report.table());
        assertTrue(report.table().contains("out.multimodal_cls"), report.table());
    }

    /** Renamed as the original, whose picture tower has an epsilon of 1e-6: hence the tolerance. */
    @Test
    void theOriginalsLayoutIsTheSameModel() {
        var golden = Golden.read(GOLDEN);
        try (var scope = Scope.open();
                var weights = MappedWeights.open(WeightFiles.in(GOLDEN), DType.FLOAT32, Device.CPU)) {
            var original = new HashMap<String, Supplier<Tensor>>();
            for (var key : weights.keys()) {
                original.put(original(key), () -> weights.get(key));
            }
            // its heads are 64 wide, these are not: one head for the original, so only sizes can be compared
            try (var model = BlipModel.original(new MadeWeights(original, weights), bert(), DType.FLOAT32)) {
                assertEquals(32, model.imageSize());
                assertEquals(200, model.vocabulary());
                var pixels = Tensor.of(golden.floats("in.pixel_values"), golden.shape("in.pixel_values"));
                assertArrayEquals(
                        golden.shape("out.image_hidden"), model.pictures(pixels).shape());
            }
            original.put("visual_encoder.rel_pos", () -> Tensor.zeros(DType.FLOAT32, 1));
            assertThrows(
                    TillerException.class,
                    () -> BlipModel.original(new MadeWeights(original, weights), bert(), DType.FLOAT32));
        }
    }

    /**
     * The picture tower's layers know their own way back, which is the engine's: so it is inside a block, where all that is
     * computed has the engine's graph, up to float32's doubt of 2e-5 of the largest number.
     */
    @ParameterizedTest
    @EnumSource(Checkpointing.class)
    void theWayBackThatIsWrittenOutIsTheEngines(Checkpointing checkpointing) {
        var golden = Golden.read(GOLDEN);
        try (var scope = Scope.open();
                var model = BlipModel.load(GOLDEN, DType.FLOAT32, Device.CPU)) {
            var pixels = Tensor.of(golden.floats("in.pixel_values"), golden.shape("in.pixel_values"));
            var ids = Tensor.of(golden.longs("in.input_ids"), golden.shape("in.input_ids"));
            var mask = Tensor.of(golden.longs("in.attention_mask"), golden.shape("in.attention_mask"));
            UnaryOperator<Tensor> judged = x -> model.together(ids, mask, model.pictures(x));
            var cotangent = Kernels.randn(1, judged.apply(pixels).shape());
            try (var own = new RecordedMap(judged, checkpointing).tape(pixels);
                    var engines = new RecordedMap(x -> Recording.block(() -> judged.apply(x)), Checkpointing.ON)
                            .tape(pixels)) {
                var expected = engines.pull(cotangent).toDoubles();
                double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                assertTrue(most > 0);
                assertArrayEquals(expected, own.pull(cotangent).toDoubles(), 2e-5 * most);
            }
        }
    }

    private static ModelConfig bert() {
        return ModelConfig.of(
                "med_config.json",
                "{\"num_attention_heads\":4,\"hidden_size\":32,\"num_hidden_layers\":2,\"layer_norm_eps\":1e-12}");
    }

    private static String original(String key) {
        var names = Map.of(
                "vision_model.embeddings.class_embedding", "visual_encoder.cls_token",
                "vision_model.embeddings.position_embedding", "visual_encoder.pos_embed",
                "vision_model.embeddings.patch_embedding.weight", "visual_encoder.patch_embed.proj.weight",
                "vision_model.embeddings.patch_embedding.bias", "visual_encoder.patch_embed.proj.bias",
                "vision_model.post_layernorm.weight", "visual_encoder.norm.weight",
                "vision_model.post_layernorm.bias", "visual_encoder.norm.bias");
        return names.getOrDefault(
                key,
                key.replace("vision_model.encoder.layers.", "visual_encoder.blocks.")
                        .replace(".layer_norm1.", ".norm1.")
                        .replace(".layer_norm2.", ".norm2.")
                        .replace(".self_attn.qkv.", ".attn.qkv.")
                        .replace(".self_attn.projection.", ".attn.proj."));
    }
}
