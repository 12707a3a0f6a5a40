// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.tensor.Images;
import java.util.List;

/** What all rewards made of rewards have in common. */
abstract class CombinationProvider implements RewardProvider<Images> {
    private final RewardInfo info;
    private final List<Option> options;

    CombinationProvider(String name, String description, String unit, Option... options) {
        this.info = new RewardInfo(name, description, unit, false, false);
        this.options = List.of(options);
    }

    @Override
    public final RewardInfo info() {
        return info;
    }

    @Override
    public final Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public final List<Option> options() {
        return options;
    }
}
