// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.run.TillerException;
import java.util.Locale;

/** Where a tensor lives: the processor, or the CUDA card with the given index. */
public record Device(String type, int index) {
    public static final Device CPU = new Device("cpu", 0);

    /** The system property with the index of the card that {@code cuda} without a number means; the first where it is not set. */
    public static final String CARD = "tiller.cuda";

    /** The CUDA card of an index, from 0. */
    public static Device cuda(int index) {
        return new Device("cuda", index);
    }

    /**
     * Reads {@code cpu}, {@code cuda} or {@code cuda:1}; which card {@code cuda} is, {@link #CARD} may say.
     *
     * @throws TillerException for any other word
     */
    public static Device parse(String name) {
        String word = name.toLowerCase(Locale.ROOT);
        if (word.equals("cpu")) {
            return CPU;
        }
        if (word.equals("cuda")) {
            return cuda(Integer.getInteger(CARD, 0));
        }
        if (word.matches("cuda:\\d{1,3}")) {
            return cuda(Integer.parseInt(word.substring("cuda:".length())));
        }
        throw new TillerException("Unknown device '" + name + "': use cpu, cuda or cuda:N.");
    }

    /** Whether it is the processor. */
    public boolean isCpu() {
        return type.equals("cpu");
    }

    @Override
    public String toString() {
        return isCpu() ? type : type + ":" + index;
    }
}
