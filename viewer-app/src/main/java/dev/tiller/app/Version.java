// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

/** Which Tiller this is. */
final class Version {
    /** Kept equal to the Maven project's by a test. */
    static final String TILLER = "0.1.0-SNAPSHOT";

    private Version() {}
}
