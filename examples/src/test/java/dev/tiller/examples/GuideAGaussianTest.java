// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GuideAGaussianTest {
    @Test
    void runsAsItIs() {
        GuideAGaussian.main(new String[0]);
    }

    @Test
    void agreesWithTheClosedFormForAnyLambda() {
        for (double lambda : new double[] {0, 0.5, 3}) {
            for (var found : new GuideAGaussian.Estimate[] {
                GuideAGaussian.particles(lambda, 4000, 11), GuideAGaussian.flow(lambda, 4000, 11)
            }) {
                assertEquals(lambda / (1 + lambda), found.mean(), 0.08);
                assertEquals(1 / (1 + lambda), found.variance(), 0.08);
            }
        }
    }
}
