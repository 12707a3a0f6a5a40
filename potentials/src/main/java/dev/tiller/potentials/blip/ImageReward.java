// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.blip;

import dev.tiller.potentials.clip.ClipImageProcessor;
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
import dev.tiller.text.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * ImageReward (Xu et al. 2023, arXiv:2304.05977): BLIP reads the prompt while it looks at the picture, a head makes a
 * number of its first token, and r = (head − 0.167…) / 1.033… has mean 0 and deviation 1 over the paper's data. Only the
 * first 35 tokens of a prompt count, begin and end included. Pictures are looked at one by one.
 */
public final class ImageReward implements DifferentiableReward<Images> {
    static final RewardInfo INFO = new RewardInfo(
            "imagereward",
            "what people would say of the picture for the prompt, by BLIP",
            "deviations from the mean of the paper's data; mostly -2 to 2",
            true,
            false);

    private static final List<String> FILES = List.of("ImageReward.safetensors", "ImageReward.pt");
    private static final double MEAN = 0.16717362830052426;
    private static final double DEVIATION = 1.0333394966054072;

    private final Backbone backbone;
    private final ClipImageProcessor processor;
    private final Tokens tokens;
    private final Device device;
    private final boolean eightBit;

    /** @param backbone owned by the reward */
    private ImageReward(Backbone backbone, Tokens tokens, Device device, boolean eightBit) {
        this.backbone = backbone;
        this.processor = ClipImageProcessor.clip(backbone.model().imageSize());
        this.tokens = tokens;
        this.device = device;
        this.eightBit = eightBit;
    }

    /**
     * Loads the published files.
     *
     * @param folder with ImageReward.pt or its tensors as safetensors, med_config.json, and BERT's vocab.txt
     * @param eightBit whether pictures are rounded to 8 bits first, as published scores are made
     * @param maps the type of the linear maps of the picture tower's layers; all else is float32
     * @param warnings is told if the prompt is longer than the model reads
     * @throws TillerException if a file is missing or asks for what is not supported
     */
    public static ImageReward load(
            Path folder, String prompt, Device device, boolean eightBit, DType maps, Consumer<String> warnings) {
        var file = FILES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new TillerException("The folder " + folder + " has none of " + FILES + "."));
        var backbone = Backbone.open(file, folder.resolve("med_config.json"), device, maps);
        var tokens = backbone.tokens(prompt);
        if (tokens.lost() > 0) {
            warnings.accept("The prompt is longer than the reward imagereward reads: its last " + tokens.lost() + " of "
                    + (tokens.lost() + Backbone.LENGTH - 2) + " tokens do not count.");
        }
        return new ImageReward(backbone, tokens, device, eightBit);
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
                values[i] = value(read(images.tensor().rows(i, i + 1)));
            }
        }
        return values;
    }

    /** With 8-bit pictures the gradient goes straight through the rounding. */
    @Override
    public Graded<Images> grade(Images images) {
        var values = new double[images.size()];
        var gradients = new Tensor[images.size()];
        var head = backbone.head().weight();
        try (var scope = Scope.open()) {
            var cotangent = Tensor.of(head, 1, head.length)
                    .dividedBy(DEVIATION)
                    .to(DType.FLOAT32)
                    .to(device);
            for (int i = 0; i < values.length; i++) {
                try (var tape = new RecordedMap(this::read, Checkpointing.AUTO)
                        .tape(images.tensor().rows(i, i + 1))) {
                    values[i] = value(tape.value());
                    gradients[i] = tape.pull(cotangent);
                }
            }
            return new Graded<>(values, new Images(scope.keep(Tensor.concat(0, gradients))));
        }
    }

    private double value(Tensor firstToken) {
        return (backbone.head().apply(firstToken.toDoubles()) - MEAN) / DEVIATION;
    }

    /** The state of the first token, 1×C, for a picture 1×3×H×W. */
    private Tensor read(Tensor picture) {
        int length = tokens.ids().length;
        var pixels = eightBit ? processor.straightThrough(picture) : processor.smooth(picture);
        var model = backbone.model();
        return model.together(
                Tensor.of(tokens.ids(), 1, length),
                Tensor.of(tokens.mask(), 1, length),
                model.pictures(pixels.to(device)));
    }

    @Override
    public boolean shares() {
        return true;
    }

    @Override
    public void close() {
        backbone.close();
    }
}
