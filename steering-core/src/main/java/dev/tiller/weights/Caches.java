// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where things are kept that can be made or fetched again. */
public final class Caches {
    private Caches() {}

    /** Tiller's folder among the user's caches; it need not exist. */
    public static Path ofTiller(Map<String, String> environment) {
        return of(environment).resolve("tiller");
    }

    /** The user's caches: XDG_CACHE_HOME, or .cache in the user's folder. */
    static Path of(Map<String, String> environment) {
        return named(environment, "XDG_CACHE_HOME")
                .orElseGet(() -> Path.of(System.getProperty("user.home", "."), ".cache"));
    }

    /** A folder that the environment names; a variable that is set and empty names none. */
    static Optional<Path> named(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }
}
