// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierFreeGuidanceTest {
    /** Model cards of one-step models say 0, and mean none. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1})
    void upToOneItIsNone(double scale) {
        assertFalse(ClassifierFreeGuidance.of(scale).needsNegative());
    }

    @Test
    void aboveItIsSome() {
        assertTrue(ClassifierFreeGuidance.of(1.01).needsNegative());
        assertThrows(TillerException.class, () -> ClassifierFreeGuidance.of(Double.NaN));
        assertThrows(TillerException.class, () -> ClassifierFreeGuidance.of(-1));
        assertThrows(TillerException.class, () -> new ClassifierFreeGuidance(3, 1.5));
    }
}
