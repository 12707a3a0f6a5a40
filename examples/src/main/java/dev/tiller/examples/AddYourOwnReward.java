// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A reward of one's own, with its gradient: how red a picture is. The provider is named in this module's
 * {@code META-INF/services/dev.tiller.reward.RewardProvider}; from then on {@code redness} is a reward like any other, also on the
 * command line: {@code TILLER_CLASSPATH=examples/target/classes ./tiller run "a red circle" --reward "clip + 5*redness"}, and for
 * methods that follow gradients.
 */
public final class AddYourOwnReward {
    private AddYourOwnReward() {}

    /** Red less the mean of green and blue, averaged over the picture. What is written in tensors has its gradient by being recorded. */
    public static final class Redness implements RewardProvider<Images>, DifferentiableReward<Images> {
        private static final RecordedMap REDNESS = new RecordedMap(Redness::of, Checkpointing.OFF);

        /** N×3×H×W to N. */
        private static Tensor of(Tensor pictures) {
            var mean = pictures.mean(2, 3); // N×3
            var red = mean.slice(1, 0, 1).times(1.5);
            return red.minus(mean.sum(1).reshape(-1, 1).times(0.5)).reshape(-1);
        }

        @Override
        public RewardInfo info() {
            return new RewardInfo("redness", "how red the picture is", "-1 to 1", true, false);
        }

        @Override
        public Class<Images> looksAt() {
            return Images.class;
        }

        @Override
        public Reward<Images> create(RewardRequest request) {
            return this; // it needs neither prompt nor options
        }

        @Override
        public double[] score(Images images) {
            try (var values = REDNESS.apply(images.tensor())) {
                return values.toDoubles();
            }
        }

        @Override
        public Graded<Images> grade(Images images) {
            try (var scope = Scope.open();
                    var tape = REDNESS.tape(images.tensor())) {
                // No row's value depends on another row, so the gradient of their sum is that of each.
                var one = Tensor.full(1, DType.FLOAT32, images.size())
                        .to(images.tensor().device());
                return new Graded<>(tape.value().toDoubles(), new Images(scope.keep(tape.pull(one))));
            }
        }
    }

    /** Scores a red picture and a blue one. */
    public static double[] run() {
        var reward = RewardCatalogue.load(Images.class)
                .create(RewardExpression.parse("2*redness"), new RewardRequest("a red picture", Path::of));
        try (reward;
                var images = Images.of(new byte[][] {{(byte) 255, 0, 0}, {0, 0, (byte) 255}}, 1, 1)) {
            return reward.score(images);
        }
    }

    public static void main(String[] args) {
        System.out.println("a red and a blue picture are worth " + Arrays.toString(run()));
    }
}
