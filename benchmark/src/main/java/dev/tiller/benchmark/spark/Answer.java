// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import dev.tiller.run.TillerException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a task found out, or why it refused. A refusal is an answer and no failure: to try again would not help.
 *
 * @param <T> what it holds
 */
final class Answer<T extends Serializable> implements Serializable {
    private static final long serialVersionUID = 1;

    private final @Nullable T value;
    private final String refusal;

    private Answer(@Nullable T value, String refusal) {
        this.value = value;
        this.refusal = refusal;
    }

    static <T extends Serializable> Answer<T> of(T value) {
        return new Answer<>(value, "");
    }

    static <T extends Serializable> Answer<T> refused(String why) {
        return new Answer<>(null, why);
    }

    /** @throws TillerException if it refused */
    T value() {
        if (value == null) {
            throw new TillerException(refusal);
        }
        return value;
    }
}
