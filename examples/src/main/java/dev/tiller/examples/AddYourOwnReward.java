// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A reward of one's own: how red a picture is. The provider is named in this module's
 * {@code META-INF/services/dev.tiller.reward.RewardProvider}; from then on {@code redness} is a reward like any other, also on the
 * command line: {@code TILLER_CLASSPATH=examples/target/classes ./tiller run "a red circle" --reward "clip + 5*redness"}.
 */
public final class AddYourOwnReward {
    private AddYourOwnReward() {}

    /** Red less the mean of green and blue, averaged over the picture. */
    public static final class Redness implements RewardProvider<Images>, Reward<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("redness", "how red the picture is", "-1 to 1", false, false);
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
            try (var scope = Scope.open()) {
                Tensor mean = scope.adopt(images.tensor().mean(2, 3)); // N×3
                Tensor red = mean.slice(1, 0, 1)
                        .times(1.5)
                        .minus(mean.sum(1).reshape(-1, 1).times(0.5));
                return red.toDoubles();
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
