// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import java.util.List;

/**
 * Whether objects are what was asked for.
 *
 * @param clauses how many clauses there were, at least 1
 * @param failures the clauses that do not hold, in words
 */
public record Verdict(int clauses, List<String> failures) {
    public Verdict {
        failures = List.copyOf(failures);
    }

    public boolean correct() {
        return failures.isEmpty();
    }

    /** The share of the clauses that hold, in [0, 1]; 1 exactly when correct. */
    public double fulfilled() {
        return 1 - failures.size() / (double) clauses;
    }

    /** What does not hold, in words; empty when correct. */
    public String reason() {
        return String.join("; ", failures);
    }
}
