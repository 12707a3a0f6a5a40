// SPDX-License-Identifier: Apache-2.0
package com.example.tiller;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardLaws;
import dev.tiller.reward.RewardRequest;
import dev.tiller.tensor.Images;
import java.nio.file.Path;

/** What every reward obeys, this one does. */
public class WarmthTest extends RewardLaws<Images> {
    @Override
    protected Reward<Images> reward() {
        return new WarmthProvider().create(new RewardRequest("any", Path::of));
    }

    @Override
    protected Images samples() {
        var red = new byte[] {(byte) 200, 0, 0};
        var grey = new byte[] {90, 90, 90};
        var blue = new byte[] {0, 10, (byte) 255};
        return Images.of(new byte[][] {red, grey, blue}, 1, 1);
    }
}
