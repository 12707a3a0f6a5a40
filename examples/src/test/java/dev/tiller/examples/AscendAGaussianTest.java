// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.ascent.Adam;
import dev.tiller.ascent.Lbfgs;
import dev.tiller.ascent.Sgd;
import java.util.List;
import org.junit.jupiter.api.Test;

class AscendAGaussianTest {
    @Test
    void runsAsItIs() {
        AscendAGaussian.main(new String[0]);
    }

    @Test
    void agreesWithTheClosedFormForAnyWeight() {
        for (double weight : new double[] {0, 0.5, 4}) {
            for (var optimizer : List.of(new Sgd(0.05, 0.6, true), new Adam(0.1, 0.8, 0.9, 0.1, 0), new Lbfgs(1, 3))) {
                for (double z : AscendAGaussian.ascend(optimizer, weight, 4)) {
                    assertEquals(6 / (4 + weight), z, 0.01, optimizer.toString());
                }
            }
        }
    }
}
