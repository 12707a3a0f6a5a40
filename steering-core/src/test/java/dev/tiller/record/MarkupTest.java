// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MarkupTest {
    /** An SVG is XML, which knows characters that are none. */
    @Test
    void whatIsNoCharacterIsReplaced() {
        assertEquals("a&lt;b \uD83E\uDD81 \u05D0", Markup.escape("a<b \uD83E\uDD81 \u05D0"));
        assertEquals("\uFFFD\uFFFD\uFFFD\uFFFD", Markup.escape("\uFFFE\uFFFF\uD800\u0000"));
    }
}
