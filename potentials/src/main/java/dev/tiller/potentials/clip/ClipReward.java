// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.nn.clip.ClipModel;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * r = exp(logit_scale) · cos(E_image(y), E_text(prompt)) (Radford et al., 2021, figure 3): the logit of CLIP. The prompt
 * is encoded once, when this is built. Pictures are looked at one by one, so that a value never depends on the batch.
 */
public final class ClipReward implements DifferentiableReward<Images> {
    static final RewardInfo INFO = new RewardInfo(
            "clip",
            "how well the picture agrees with the prompt, by CLIP",
            "logit scale x cosine; within (-s, s) where s is the model's scale",
            true,
            false);

    private final ClipModel model;
    private final ClipImageProcessor processor;
    private final Device device;
    private final Tensor text;
    private final boolean eightBit;

    private ClipReward(ClipModel model, ClipImageProcessor processor, Device device, Tensor text, boolean eightBit) {
        this.model = model;
        this.processor = processor;
        this.device = device;
        this.text = text;
        this.eightBit = eightBit;
    }

    /**
     * Loads a CLIPModel in transformers' layout.
     *
     * @param folder with config.json, weights, preprocessor_config.json and a tokenizer
     * @param eightBit whether pictures are rounded to 8 bits first, as published scores are made; else they are looked at
     *     as they are
     * @param warnings is told if the prompt is longer than CLIP reads
     * @throws TillerException if a file is missing or asks for what is not supported
     */
    public static ClipReward load(
            Path folder, String prompt, Device device, boolean eightBit, Consumer<String> warnings) {
        var processor = ClipImageProcessor.in(folder);
        var model = ClipModel.load(folder, DType.FLOAT32, device);
        try (var tokenizer = ClipTokenizer.load(folder)) {
            var tokens = tokenizer.encode(prompt);
            if (tokens.lost() > 0) {
                warnings.accept("The prompt is longer than the reward clip reads: its last " + tokens.lost() + " of "
                        + (tokens.lost() + tokenizer.length() - 2) + " tokens do not count.");
            }
            return Scope.holding(held ->
                    new ClipReward(model, processor, device, encoded(model, tokens.ids(), device, held), eightBit));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static Tensor encoded(ClipModel model, long[] ids, Device device, Scope held) {
        try (var scope = Scope.open()) {
            var tokens = scope.adopt(Tensor.of(ids, 1, ids.length)).to(device);
            return held.adopt(model.texts(tokens));
        }
    }

    @Override
    public RewardInfo info() {
        return INFO;
    }

    @Override
    public double[] score(Images images) {
        var values = new double[images.size()];
        for (int i = 0; i < values.length; i++) {
            try (var scope = Scope.open()) {
                values[i] = logit(images.tensor().rows(i, i + 1)).toDoubles()[0];
            }
        }
        return values;
    }

    /** With 8-bit pictures the gradient goes straight through the rounding. */
    @Override
    public Graded<Images> grade(Images images) {
        var values = new double[images.size()];
        var gradients = new Tensor[images.size()];
        try (var scope = Scope.open()) {
            for (int i = 0; i < values.length; i++) {
                try (var tape = new RecordedMap(this::logit, Checkpointing.AUTO)
                        .tape(images.tensor().rows(i, i + 1))) {
                    values[i] = tape.value().toDoubles()[0];
                    gradients[i] = tape.pull(Tensor.of(new float[] {1}, 1, 1).to(device));
                }
            }
            return new Graded<>(values, new Images(scope.keep(Tensor.concat(0, gradients))));
        }
    }

    /** 1×3×H×W to 1×1. */
    private Tensor logit(Tensor picture) {
        var pixels = eightBit ? processor.straightThrough(picture) : processor.smooth(picture);
        return model.logits(model.pictures(pixels.to(device)), text);
    }

    @Override
    public void close() {
        text.close();
        model.close();
    }
}
