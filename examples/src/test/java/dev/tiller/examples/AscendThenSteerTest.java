// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.smc.LogWeights;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AscendThenSteerTest {
    @Test
    void itsNumbersAreThoseOfTheRun(@TempDir Path folder) {
        var log = folder.resolve("events.jsonl");
        var found = AscendThenSteer.run("a photo of three stars", 2, 2, 4, log);
        assertTrue(Arrays.stream(found.ascended()).allMatch(Double::isFinite));
        assertEquals(LogWeights.of(found.logWeights()).logMean(), found.logEvidence(), 0);
        var sizes = AscendThenSteer.sampleSizes(log);
        assertEquals(2, sizes.length); // after steps 1 and 3 of 4
        assertEquals(LogWeights.of(found.logWeights()).ess(), sizes[1], 1e-12);
        assertEquals(0, Tensor.alive());
    }
}
