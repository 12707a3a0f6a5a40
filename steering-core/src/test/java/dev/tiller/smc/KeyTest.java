// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class KeyTest {
    @Test
    void theSamePathGivesTheSameStreamAndAnotherPathAnother() {
        var key = Key.of(7);
        assertEquals(
                key.at(3).at(4).generator().nextLong(),
                key.at(3).at(4).generator().nextLong());
        assertNotEquals(
                key.at(3).at(4).generator().nextLong(),
                key.at(4).at(3).generator().nextLong());
    }
}
