// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

/** Which Tiller this is. */
public final class Version {
    /** Kept equal to the Maven project's by a test. */
    public static final String TILLER = "0.1.0-SNAPSHOT";

    private Version() {}
}
