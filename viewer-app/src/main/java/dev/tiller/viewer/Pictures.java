// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Optional;

/** Where the pictures that events name are kept. */
@FunctionalInterface
public interface Pictures {
    /** The PNG file of that SHA-256; empty if it is not there. */
    Optional<byte[]> find(String sha256);
}
