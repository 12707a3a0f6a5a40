// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.noisy;

import dev.tiller.nn.clip.ClipModel;
import dev.tiller.potentials.Sharing;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.NoisyLatents;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import dev.tiller.weights.FileIdentity;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code noisyclip}: the logit of a CLIP whose picture tower reads noised latents and their level, r(x_t, t) =
 * exp(logit_scale) · cos(E(x_t, α, σ, t), E_text(prompt)). Trained contrastively on noised latents it approaches
 * log p(prompt | x_t) + constant, so that its gradient is that of classifier guidance (Dhariwal and Nichol 2021; the noisy
 * CLIP of GLIDE, Nichol et al. 2021, §2.4).
 */
public final class NoisyClipProvider implements RewardProvider<NoisyLatents> {
    private static final String EMBEDDED = "scenes-noisy-clip";
    /** Latents, α, σ and t. */
    private static final int PLANES = NoisyClipReward.LATENT_CHANNELS + 3;

    /** Rewards of one model share it, whatever their prompts. */
    private static final Sharing<Identity, ClipModel> OPEN = new Sharing<>();

    private record Identity(List<FileIdentity> files, Device device) {
        static Identity of(Path folder, Device device) {
            var files =
                    Stream.concat(Stream.of(folder.resolve("config.json")), WeightFiles.in(folder).files().stream());
            return new Identity(files.map(FileIdentity::of).toList(), device);
        }
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "noisyclip",
                "how well noised latents agree with the prompt, by a CLIP that was trained on noise",
                "logit scale x cosine; within (-s, s) where s is the model's scale",
                true,
                false);
    }

    @Override
    public Class<NoisyLatents> looksAt() {
        return NoisyLatents.class;
    }

    @Override
    public List<Option> options() {
        return List.of(new Option("model", "folder of the CLIP that reads noised latents", EMBEDDED));
    }

    @Override
    public Reward<NoisyLatents> create(RewardRequest request) {
        var folder = request.models().apply(request.option("model", EMBEDDED));
        int channels = ModelConfig.read(folder.resolve("config.json"))
                .section("vision_config")
                .integer("num_channels", 3);
        if (channels != PLANES) {
            throw new TillerException("The picture tower in " + folder + " reads " + channels
                    + " planes; one that understands noise reads " + PLANES + ": latents, alpha, sigma and time.");
        }
        var device = Device.parse(request.device());
        var identity = Identity.of(folder, device);
        var model = OPEN.open(identity, () -> ClipModel.load(folder, DType.FLOAT32, device));
        Runnable release = () -> OPEN.release(identity, model::close);
        try {
            return new NoisyClipReward(info(), model, release, text(model, folder, request), device);
        } catch (RuntimeException | Error e) {
            release.run();
            throw e;
        }
    }

    private static double[] text(ClipModel model, Path folder, RewardRequest request) {
        try (var tokenizer = ClipTokenizer.load(folder);
                var scope = Scope.open()) {
            var tokens = tokenizer.encode(request.prompt());
            if (tokens.lost() > 0) {
                request.warnings()
                        .accept("The prompt is longer than the noise-aware reward reads: its last " + tokens.lost()
                                + " tokens do not count.");
            }
            var ids = scope.adopt(Tensor.of(tokens.ids(), 1, tokens.ids().length));
            return scope.adopt(model.texts(ids)).toDoubles();
        }
    }
}
