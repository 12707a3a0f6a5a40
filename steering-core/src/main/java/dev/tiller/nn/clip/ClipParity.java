// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.parity.Golden;
import dev.tiller.parity.GradientParity;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The towers of CLIP and SigLIP, one by one and together, and their gradients by pixels, in float32 on the CPU. */
public final class ClipParity implements ParityCase {
    private static final Set<String> TEXT =
            Set.of("transformers.CLIPTextModel", "transformers.CLIPTextModelWithProjection");
    private static final Set<String> VISION =
            Set.of("transformers.CLIPVisionModel", "transformers.CLIPVisionModelWithProjection");
    private static final String PIXELS = "pixel_values";
    private static final Set<String> BOTH = Set.of("transformers.CLIPModel", "transformers.SiglipModel");

    @Override
    public boolean handles(Golden golden) {
        var name = golden.className();
        return golden.family().equals("models")
                && (TEXT.contains(name) || VISION.contains(name) || BOTH.contains(name));
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        for (var call : golden.cases()) {
            if (TEXT.contains(golden.className())) {
                text(golden, call, report);
            } else if (VISION.contains(golden.className())) {
                vision(golden, call, report);
            } else {
                both(golden, call, report);
            }
        }
    }

    private static void text(Golden golden, Golden.Case call, ParityReport report) {
        try (var model = ClipTextModel.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var ids = scope.adopt(tokens(golden, call, "input_ids"));
            var mask = call.inputs().contains("attention_mask") ? tokens(golden, call, "attention_mask") : null;
            var states = model.forward(ids, mask, 1);
            for (var output : call.outputs()) {
                var name = call.prefix() + "out." + output;
                switch (output) {
                    case "last_hidden_state" -> report.compare(golden, name, states.last());
                    case "pooler_output" -> report.compare(golden, name, states.pooled());
                    case "hidden_minus2" -> report.compare(golden, name, states.skipped());
                    case "clip_skip1" ->
                        report.compare(
                                golden, name, mask == null ? model.states(ids, 1) : model.normalise(states.skipped()));
                    case "text_embeds" ->
                        report.compare(golden, name, states.embedding().orElseThrow());
                    default -> {} // which the report counts as a failure
                }
            }
        }
    }

    private static void vision(Golden golden, Golden.Case call, ParityReport report) {
        try (var model = ClipVisionModel.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var pixels = scope.adopt(pixels(golden, call));
            var states = model.forward(pixels);
            report.compare(golden, call.prefix() + "out.last_hidden_state", states.last());
            report.compare(
                    golden,
                    call.prefix() + "out.image_embeds",
                    states.embedding().orElseThrow());
            GradientParity.compare(golden, call, report, Map.of(PIXELS, pixels), inputs -> {
                var recorded = model.forward(Objects.requireNonNull(inputs.get(PIXELS)));
                return Map.of(
                        "image_embeds", recorded.embedding().orElseThrow(),
                        "last_hidden_state", recorded.last());
            });
        }
    }

    /** The texts' masks hide what comes after the end, where a causal tower does not look anyway. */
    private static void both(Golden golden, Golden.Case call, ParityReport report) {
        try (var model = PictureTextFiles.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var texts = model.texts(scope.adopt(tokens(golden, call, "input_ids")));
            var pixels = pixels(golden, call);
            var pictures = model.pictures(pixels);
            report.compare(golden, call.prefix() + "out.text_embeds", texts);
            report.compare(golden, call.prefix() + "out.image_embeds", pictures);
            report.compare(golden, call.prefix() + "out.logits_per_image", model.logits(pictures, texts));
            GradientParity.compare(
                    golden,
                    call,
                    report,
                    Map.of(PIXELS, pixels),
                    inputs -> Map.of(
                            "logits_per_image",
                            model.logits(model.pictures(Objects.requireNonNull(inputs.get(PIXELS))), texts)));
        }
    }

    private static Tensor tokens(Golden golden, Golden.Case call, String input) {
        var name = call.prefix() + "in." + input;
        return Tensor.of(golden.longs(name), golden.shape(name));
    }

    private static Tensor pixels(Golden golden, Golden.Case call) {
        var name = call.prefix() + "in." + PIXELS;
        return Tensor.of(golden.floats(name), golden.shape(name));
    }
}
