// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.RewardProvider.Option;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;

/** The options of every reward that looks at pictures through a tower. */
public final class TowerOptions {
    /** Whether pictures are rounded to 8 bits first. */
    public static final Option PIXELS =
            new Option("pixels", "8bit: rounded first, as published scores are; float: as they are", "8bit");

    /** In which type the linear maps of the picture tower's layers are computed. */
    public static final Option MAPS = new Option(
            "dtype",
            "float32; bfloat16: the picture tower's layers multiply in 16 bits and sum in 32, faster where the"
                    + " processor can, and near the published scores",
            "float32");

    private TowerOptions() {}

    /**
     * What a request says of {@link #PIXELS}.
     *
     * @param reward its name, for errors
     * @throws TillerException if that is not one of the two
     */
    public static boolean eightBit(RewardRequest request, String reward) {
        return is("8bit", PIXELS, request, reward, "float");
    }

    /**
     * What a request says of {@link #MAPS}.
     *
     * @param reward its name, for errors
     * @throws TillerException if that is not one of the two
     */
    public static DType maps(RewardRequest request, String reward) {
        return is("bfloat16", MAPS, request, reward, "float32") ? DType.BFLOAT16 : DType.FLOAT32;
    }

    private static boolean is(String one, Option option, RewardRequest request, String reward, String other) {
        var value = request.option(option.key(), option.otherwise());
        if (!value.equals(one) && !value.equals(other)) {
            throw new TillerException("The reward " + reward + " has " + option.key() + "=" + one + " and "
                    + option.key() + "=" + other + ", not " + option.key() + "=" + value + ".");
        }
        return value.equals(one);
    }
}
