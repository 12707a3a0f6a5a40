// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Golden;
import dev.tiller.parity.Parity;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiny DETRs of random weights (tools/detector/golden_detr.py). */
class DetrTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "models");

    @TempDir
    Path folder;

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @ParameterizedTest
    @ValueSource(strings = {"detr_resnet", "detr_basic", "detr_timm"})
    void everyStageEqualsTheReference(String name) {
        var report = new Parity(List.of(new DetrParity())).over(List.of(GOLDEN.resolve(name)));
        assertTrue(report.passed(), report.table());
        for (var stage : List.of("features", "encoder", "decoder", "logits", "pred_boxes")) {
            assertTrue(report.table().contains("out." + stage), report.table());
        }
    }

    /** A copy of a golden's model, its configuration and its tensors' names changed. */
    private Path changed(String name, UnaryOperator<String> config, UnaryOperator<String> key) throws IOException {
        var from = GOLDEN.resolve(name);
        Files.writeString(folder.resolve("config.json"), config.apply(Files.readString(from.resolve("config.json"))));
        var tensors = SafeTensors.open(from.resolve("model.safetensors"));
        var writer = new SafeTensorsWriter();
        for (var entry : tensors.entries().entrySet()) {
            if (!entry.getKey().endsWith("num_batches_tracked")) {
                writer.add(
                        key.apply(entry.getKey()),
                        tensors.floats(entry.getKey()),
                        entry.getValue().shape());
            }
        }
        writer.write(folder.resolve("model.safetensors"));
        return folder;
    }

    private static float[] logits(Path model, Golden golden) {
        try (var detr = DetrModel.load(model, Device.CPU);
                var scope = Scope.open()) {
            var pixels = scope.adopt(Tensor.of(golden.floats("in.pixel_values"), golden.shape("in.pixel_values")));
            var answer = detr.forward(pixels);
            assertEquals(List.of("N/A", "person", "mouse", "N/A", "remote", "dog"), detr.names());
            return answer.logits().toFloats();
        }
    }

    /** Checkpoints of transformers 5 may have its own names; those of 4 have no backbone_config. */
    @Test
    void otherSpellingsAreTheSameModel() throws IOException {
        var golden = Golden.read(GOLDEN.resolve("detr_timm"));
        var expected = logits(GOLDEN.resolve("detr_timm"), golden);
        var five = changed(
                "detr_timm",
                c -> c,
                k -> k.replace(".out_proj.", ".o_proj.")
                        .replace("layers.0.fc", "layers.0.mlp.fc")
                        .replace("layers.1.fc", "layers.1.mlp.fc")
                        .replace("backbone.conv_encoder.model.", "backbone.model."));
        assertArrayEquals(expected, logits(five, golden));
        var four = changed(
                "detr_timm",
                c -> c.replaceFirst(
                        "(?s)\"backbone_config\": \\{.*?\"use_pretrained_backbone\": false\\s*}",
                        "\"backbone\": \"resnet50\", \"use_timm_backbone\": true, \"scale_embedding\": false"),
                k -> k);
        assertArrayEquals(expected, logits(four, golden));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"dilation\": false | \"dilation\": true | dilation",
                "\"auxiliary_loss\": false | \"auxiliary_loss\": true | auxiliary_loss",
                "\"position_embedding_type\": \"sine\" | \"position_embedding_type\": \"learned\" | position_embedding_type",
                "\"d_model\": 16 | \"d_model\": 16, \"two_stage\": true | two_stage",
                "\"hidden_act\": \"relu\" | \"hidden_act\": \"gelu\" | hidden_act",
                "\"num_queries\": 9 | \"num_queries\": 10 | do not belong together",
                "\"encoder_layers\": 2 | \"encoder_layers\": 1 | more transformer layers",
                "\"layer_type\": \"bottleneck\" | \"layer_type\": \"basic\" | not supported",
                "\"model_type\": \"resnet\" | \"model_type\": \"swin\" | swin",
                "\"5\": \"dog\" | \"7\": \"dog\" | id2label",
            })
    void whatIsNotSupportedIsRefusedByName(String was, String is, String named) throws IOException {
        var model = changed(
                "detr_resnet",
                c -> {
                    assertTrue(c.contains(was), was);
                    return c.replace(was, is);
                },
                k -> k);
        var e = assertThrows(TillerException.class, () -> DetrModel.load(model, Device.CPU));
        assertTrue(e.getMessage().contains(named), e.getMessage());
    }

    /** Of a squeeze-and-excitation network, say. */
    @Test
    void aBackboneOfAnotherKindIsRefused() throws IOException {
        var model = changed(
                "detr_timm",
                c -> c,
                k -> k.equals("model.input_projection.bias")
                        ? "model.backbone.conv_encoder.model.layer1.0.se.fc1.weight"
                        : k);
        var e = assertThrows(TillerException.class, () -> DetrModel.load(model, Device.CPU));
        assertTrue(e.getMessage().contains("backbone's weights"), e.getMessage());
    }
}
