// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.noisy;

import dev.tiller.nn.clip.ClipModel;
import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.NoisyLatents;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.util.Arrays;

/** See {@link NoisyClipProvider}. Rows are looked at one by one, so that none depends on the batch. */
final class NoisyClipReward implements DifferentiableReward<NoisyLatents> {
    static final int LATENT_CHANNELS = 4;

    private final RewardInfo info;
    private final ClipModel model;
    private final Runnable release;
    /** exp(logit_scale) times the text's unit vector: the gradient of r by the picture's. */
    private final double[] direction;

    private final Device device;

    /** @param release is done when this is closed: the model is shared with others */
    NoisyClipReward(RewardInfo info, ClipModel model, Runnable release, double[] text, Device device) {
        this.info = info;
        this.model = model;
        this.release = release;
        this.direction = Arrays.stream(text).map(x -> x * model.scale()).toArray();
        this.device = device;
    }

    @Override
    public RewardInfo info() {
        return info;
    }

    @Override
    public double[] score(NoisyLatents y) {
        require(y);
        var values = new double[y.size()];
        for (int i = 0; i < values.length; i++) {
            try (var scope = Scope.open()) {
                values[i] = value(place(scope.adopt(row(y, i)), y).toDoubles());
            }
        }
        return values;
    }

    @Override
    public Graded<NoisyLatents> grade(NoisyLatents y) {
        require(y);
        var values = new double[y.size()];
        var gradients = new Tensor[y.size()];
        try (var scope = Scope.open()) {
            var cotangent = scope.adopt(Tensor.of(direction, 1, direction.length))
                    .to(DType.FLOAT32)
                    .to(device);
            for (int i = 0; i < values.length; i++) {
                try (var tape = new RecordedMap(x -> place(x, y), Checkpointing.AUTO).tape(scope.adopt(row(y, i)))) {
                    values[i] = value(tape.value().toDoubles());
                    gradients[i] = scope.adopt(tape.pull(cotangent));
                }
            }
            var gradient = scope.keep(Tensor.concat(0, gradients));
            return new Graded<>(values, new NoisyLatents(gradient, y.alpha(), y.sigma()));
        }
    }

    private static Tensor row(NoisyLatents y, int i) {
        return y.tensor().rows(i, i + 1);
    }

    private double value(double[] place) {
        double sum = 0;
        for (int i = 0; i < place.length; i++) {
            sum += place[i] * direction[i];
        }
        return sum;
    }

    /** One row's unit vector: it is scaled to α² + σ² = 1, and its level is shown as three more planes. */
    private Tensor place(Tensor row, NoisyLatents y) {
        double norm = Math.hypot(y.alpha(), y.sigma());
        double[] level = {y.alpha() / norm, y.sigma() / norm, TrainingTime.of(y.alpha(), y.sigma()) / 1000};
        var planes = new Tensor[1 + level.length];
        planes[0] = row.times(1 / norm);
        for (int i = 0; i < level.length; i++) {
            planes[1 + i] = Tensor.full(level[i], DType.FLOAT32, 1, 1, row.dim(2), row.dim(3))
                    .to(device);
        }
        return model.pictures(Tensor.concat(1, planes));
    }

    private void require(NoisyLatents y) {
        int size = model.imageSize();
        var t = y.tensor();
        if (t.dim(1) != LATENT_CHANNELS || t.dim(2) != size || t.dim(3) != size) {
            throw new TillerException(
                    "The noise-aware reward reads latents of " + LATENT_CHANNELS + "×" + size + "×" + size
                            + ", not of " + t.dim(1) + "×" + t.dim(2) + "×" + t.dim(3)
                            + ": it is for the embedded models at their own size.");
        }
    }

    /** What it looks through. */
    ClipModel model() {
        return model;
    }

    @Override
    public boolean shares() {
        return true;
    }

    @Override
    public void close() {
        release.run();
    }
}
