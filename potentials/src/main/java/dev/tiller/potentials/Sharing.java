// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What several use together: made for the first who asks, and done with when the last lets go of it. Safe for several threads.
 *
 * @param <K> what it is known by
 * @param <T> what is shared
 */
public final class Sharing<K, T> {
    private final Map<K, Shared<T>> open = new HashMap<>();

    private static final class Shared<T> {
        private final T what;
        private int users;

        Shared(T what) {
            this.what = what;
        }
    }

    /** That of the key, made unless somebody has it; each call is to be matched by a {@link #release}. */
    public synchronized T open(K key, Supplier<T> make) {
        var shared = open.get(key);
        if (shared == null) {
            shared = new Shared<>(make.get());
            open.put(key, shared);
        }
        shared.users++;
        return shared.what;
    }

    /**
     * Lets go of it once.
     *
     * @param done what is to be done if nobody has it any more
     */
    public synchronized void release(K key, Runnable done) {
        var shared = open.get(key);
        if (shared == null) {
            throw new IllegalStateException("it is not open");
        }
        if (--shared.users == 0) {
            open.remove(key);
            done.run();
        }
    }

    /** How many are open. */
    public synchronized int size() {
        return open.size();
    }
}
