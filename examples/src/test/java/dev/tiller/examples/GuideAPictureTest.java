// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.tensor.Tensor;
import org.junit.jupiter.api.Test;

class GuideAPictureTest {
    @Test
    void guidanceRaisesTheRewardFromTheSameNoises() {
        var rewards = GuideAPicture.run("a photo of three stars", 2, 5);
        assertTrue(rewards.guided() > rewards.unguided(), rewards.toString());
        assertTrue(Double.isFinite(rewards.particles()), rewards.toString());
        assertEquals(0, Tensor.alive());
    }
}
