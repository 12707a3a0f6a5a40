// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SteerAGaussianTest {
    @Test
    void runsAsItIs() {
        SteerAGaussian.main(new String[0]);
    }

    @Test
    void agreesWithTheClosedFormForAnyLambda() {
        for (double lambda : new double[] {0, 0.5, 1, 2}) {
            var found = SteerAGaussian.steer(lambda, 4000, 11);
            assertEquals(lambda, found.mean(), 0.25);
            assertEquals(1, found.variance(), 0.3);
            assertEquals(lambda * lambda / 2, found.logEvidence(), 0.2);
        }
    }
}
