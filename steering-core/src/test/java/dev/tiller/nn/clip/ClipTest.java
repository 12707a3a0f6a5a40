// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.parity.Parity;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "golden", "models");

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clip_text_sd15",
                "clip_text_sd21",
                "clip_text_proj",
                "clip_text_tf5_layout",
                "clip_vision_proj",
                "clip_model",
                "clip_model_h",
                "siglip"
            })
    void everyResultEqualsTheReference(String name) {
        var report = new Parity(List.of(new ClipParity())).over(List.of(MODELS.resolve(name)));
        assertTrue(report.passed(), report.table());
        assertTrue(report.table().contains("out."), report.table());
    }

    /** Beyond the reference's tolerance, so that a test with the wrong option cannot pass. */
    @ParameterizedTest
    @CsvSource({
        "clip_text_sd15,hidden_act,gelu",
        "clip_text_sd21,hidden_act,quick_gelu",
        "clip_text_sd15,eos_token_id,5"
    })
    void anotherOptionIsAnotherResult(String name, String option, String value) {
        var golden = Golden.read(MODELS.resolve(name));
        Object typed = value.matches("\\d+") ? Integer.valueOf(value) : value;
        var config = ModelConfig.read(golden.file("config.json")).with(option, typed);
        try (var scope = Scope.open();
                var weights = open(golden);
                var model = ClipTextModel.load(weights, config)) {
            var pooled =
                    model.forward(scope.adopt(ids(golden)), null, 0).pooled().toDoubles();
            var reference = golden.doubles("out.pooler_output");
            double error = 0;
            for (int i = 0; i < pooled.length; i++) {
                error = Math.max(error, Math.abs(pooled[i] - reference[i]));
            }
            assertTrue(error > golden.tolerance("out.pooler_output").atol(), "error " + error);
        }
    }

    @Test
    void rowsOfABatchDoNotDependOnTheOthers() {
        var golden = Golden.read(MODELS.resolve("clip_text_sd15"));
        try (var scope = Scope.open();
                var weights = open(golden);
                var model = ClipTextModel.load(weights, ModelConfig.read(golden.file("config.json")))) {
            var ids = scope.adopt(ids(golden));
            var all = model.states(ids, 0);
            for (int row = 0; row < ids.size(); row++) {
                assertArrayEquals(
                        all.rows(row, row + 1).toFloats(),
                        model.states(ids.rows(row, row + 1), 0).toFloats(),
                        1e-5f);
            }
        }
    }

    @Test
    void bfloat16IsNearFloat32() {
        var golden = Golden.read(MODELS.resolve("clip_model"));
        try (var scope = Scope.open();
                var model = ClipModel.load(golden.directory(), DType.BFLOAT16, Device.CPU)) {
            var texts = model.texts(scope.adopt(ids(golden)));
            assertEquals(DType.BFLOAT16, texts.dtype());
            assertArrayEquals(golden.floats("out.text_embeds"), texts.toFloats(), 0.02f);
        }
    }

    /** The weights of clip_model_h as open_clip spells them, in a checkpoint of torch.save. */
    @Test
    void openClipsLayoutIsTheSameModel() {
        var golden = Golden.read(MODELS.resolve("clip_model_h"));
        try (var scope = Scope.open();
                var model = PictureTextFiles.load(
                        Path.of("src", "test", "resources", "openclip"), DType.FLOAT32, Device.CPU)) {
            var pixels = Tensor.of(golden.floats("in.pixel_values"), golden.shape("in.pixel_values"));
            assertArrayEquals(
                    golden.floats("out.text_embeds"),
                    model.texts(scope.adopt(ids(golden))).toFloats(),
                    (float) golden.tolerance("out.text_embeds").atol());
            assertArrayEquals(
                    golden.floats("out.image_embeds"), model.pictures(pixels).toFloats(), (float)
                            golden.tolerance("out.image_embeds").atol());
        }
    }

    @Test
    void openClipModelsWithOtherTowersAreRefused() {
        try (var scope = Scope.open();
                var weights = open(Golden.read(MODELS.resolve("clip_model")))) {
            var made = new MadeWeights(Map.of("visual.trunk.cls_token", () -> Tensor.zeros(DType.FLOAT32, 1)), weights);
            assertTrue(OpenClip.spells(made));
            var e = assertThrows(TillerException.class, () -> OpenClip.asTransformers(made));
            assertTrue(e.getMessage().contains("visual.trunk.cls_token"), e.getMessage());
        }
    }

    @Test
    void agreementIsScaledCosine() {
        var golden = Golden.read(MODELS.resolve("clip_model"));
        try (var scope = Scope.open();
                var model = ClipModel.load(golden.directory(), DType.FLOAT32, Device.CPU)) {
            var texts = model.texts(scope.adopt(ids(golden)));
            var self = model.logits(texts, texts).toDoubles();
            assertEquals(model.scale(), self[0], 1e-5);
            assertTrue(self[1] < self[0]);
        }
    }

    @ParameterizedTest
    @CsvSource({"hidden_act,gelu_new", "hidden_act,relu", "a_new_option,1", "num_attention_heads,5"})
    void whatIsNotSupportedIsRefusedByName(String option, String value) {
        var golden = Golden.read(MODELS.resolve("clip_text_sd15"));
        Object typed = value.matches("\\d+") ? Integer.valueOf(value) : value;
        var config = ModelConfig.read(golden.file("config.json")).with(option, typed);
        try (var weights = open(golden)) {
            var message = assertThrows(TillerException.class, () -> ClipTextModel.load(weights, config))
                    .getMessage();
            assertTrue(message.contains(option) || message.contains("heads"), message);
        }
    }

    @Test
    void weightsOfAnotherArchitectureAreRefused() {
        var golden = Golden.read(MODELS.resolve("clip_text_sd15"));
        var config = ModelConfig.read(golden.file("config.json"));
        var vision = ModelConfig.read(MODELS.resolve("clip_vision_proj").resolve("config.json"));
        try (var weights = open(golden);
                var pictures = open(Golden.read(MODELS.resolve("clip_vision_proj")))) {
            for (var wrong : List.of(
                    config.with("num_hidden_layers", 2),
                    config.with("num_hidden_layers", 4),
                    config.with("vocab_size", 301),
                    config.with("max_position_embeddings", 24),
                    config.with("hidden_size", 64),
                    vision)) {
                assertThrows(TillerException.class, () -> ClipTextModel.load(weights, wrong));
            }
            assertThrows(TillerException.class, () -> ClipTextModel.load(pictures, config));
            assertThrows(TillerException.class, () -> ClipVisionModel.load(pictures, vision.with("image_size", 64)));
            assertThrows(TillerException.class, () -> ClipVisionModel.load(pictures, vision.with("patch_size", 0)));
        }
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        var golden = Golden.read(MODELS.resolve("clip_model"));
        try (var scope = Scope.open();
                var model = ClipModel.load(golden.directory(), DType.FLOAT32, Device.CPU)) {
            var text = model.text();
            var tooLong = scope.adopt(Tensor.zeros(DType.INT64, 1, text.length() + 1));
            assertThrows(TillerException.class, () -> text.states(tooLong, 0));
            var unknown = Tensor.of(new long[] {300}, 1, 1);
            assertThrows(TillerException.class, () -> text.states(unknown, 0));
            var fine = Tensor.of(new long[] {299}, 1, 1);
            assertThrows(TillerException.class, () -> text.states(fine, text.layers()));
            var small = Tensor.zeros(DType.FLOAT32, 1, 3, 16, 16);
            assertThrows(TillerException.class, () -> model.pictures(small));
        }
    }

    @Test
    void aModelWithoutProjectionSaysSo() {
        var golden = Golden.read(MODELS.resolve("clip_text_sd15"));
        try (var scope = Scope.open();
                var model = ClipTextModel.load(golden.directory(), DType.FLOAT32, Device.CPU)) {
            var ids = scope.adopt(ids(golden));
            var message = assertThrows(TillerException.class, () -> model.embedding(ids))
                    .getMessage();
            assertTrue(message.contains("text_projection"), message);
        }
    }

    /** A published configuration of transformers 4, with what it says about every kind of model. */
    @Test
    void olderConfigurationsAreRead() {
        var golden = Golden.read(MODELS.resolve("clip_model_h"));
        var config = ModelConfig.of("config.json", """
                {"_commit_hash": null, "architectures": ["CLIPModel"], "initializer_factor": 1.0,
                 "logit_scale_init_value": 2.6592, "model_type": "clip", "projection_dim": 20, "torch_dtype": "float32",
                 "transformers_version": null,
                 "text_config": {"hidden_size": 512, "num_attention_heads": 8, "eos_token_id": 2, "hidden_act": "quick_gelu"},
                 "text_config_dict": {"add_cross_attention": false, "bad_words_ids": null, "hidden_size": 24, "intermediate_size": 96, "num_hidden_layers": 3,
                   "num_attention_heads": 3, "eos_token_id": 299, "vocab_size": 300, "pruned_heads": {}, "id2label": {"0": "LABEL_0"},
                   "hidden_act": "gelu", "top_p": 1.0, "model_type": "clip_text_model"},
                 "vision_config": {"hidden_size": 40, "intermediate_size": 160, "num_hidden_layers": 3, "num_attention_heads": 5,
                   "hidden_act": "gelu", "image_size": 48, "patch_size": 16, "use_bfloat16": false},
                 "vision_config_dict": null}
                """);
        try (var scope = Scope.open();
                var weights = open(golden);
                var model = ClipModel.load(weights, config)) {
            assertArrayEquals(
                    golden.floats("out.text_embeds"),
                    model.texts(scope.adopt(ids(golden))).toFloats(),
                    1.2e-6f);
        }
        assertThrows(TillerException.class, () -> config.with("text_config", 1).section("text_config"));
        // what the older section leaves out has its default, whatever the newer one says: eight heads do not divide 24
        var shorter = ModelConfig.of("config.json", """
                {"text_config": {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "vocab_size": 300},
                 "text_config_dict": {"hidden_size": 36, "num_hidden_layers": 3, "vocab_size": 300}}
                """);
        try (var weights = open(golden)) {
            var e = assertThrows(TillerException.class, () -> ClipModel.load(weights, shorter));
            assertTrue(e.getMessage().contains("8 heads"), e.getMessage());
        }
    }

    @Test
    void headsThatWereCutOffAreRefused() {
        var config = ModelConfig.of("config.json", "{\"pruned_heads\": {\"3\": [1, 2]}}");
        var message = assertThrows(TillerException.class, () -> TowerConfig.of(config, 512, 8))
                .getMessage();
        assertTrue(message.contains("pruned_heads"), message);
    }

    private static MappedWeights open(Golden golden) {
        return MappedWeights.open(WeightFiles.in(golden.directory()), DType.FLOAT32, Device.CPU);
    }

    private static Tensor ids(Golden golden) {
        return Tensor.of(golden.longs("in.input_ids"), golden.shape("in.input_ids"));
    }
}
