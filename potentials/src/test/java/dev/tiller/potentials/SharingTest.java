// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharingTest {
    private final List<String> done = new ArrayList<>();

    @Test
    void isMadeForTheFirstAndDoneWithAfterTheLast() {
        var sharing = new Sharing<String, Object>();
        var first = sharing.open("a", Object::new);
        assertSame(first, sharing.open("a", Object::new));
        assertNotSame(first, sharing.open("b", Object::new));
        assertEquals(2, sharing.size());
        sharing.release("a", () -> done.add("a"));
        assertEquals(List.of(), done);
        sharing.release("a", () -> done.add("a"));
        assertEquals(List.of("a"), done);
        assertEquals(1, sharing.size());
        assertNotSame(first, sharing.open("a", Object::new));
        assertThrows(IllegalStateException.class, () -> sharing.release("c", () -> done.add("c")));
    }

    @Test
    void whatCannotBeMadeIsNotOpen() {
        var sharing = new Sharing<String, Object>();
        assertThrows(
                IllegalArgumentException.class,
                () -> sharing.open("a", () -> {
                    throw new IllegalArgumentException("no");
                }));
        assertEquals(0, sharing.size());
    }
}
