// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Capital letters and digits of 5 x 7 pixels. They look the same on every machine, and a machine without fonts has them
 * too.
 */
final class Letters {
    static final int HEIGHT = 7;
    /** A letter and the gap after it. */
    static final int ADVANCE = 6;

    /** Seven rows of five characters, {@code #} for ink. */
    private static final Map<Character, List<String>> SHAPES = load();

    private Letters() {}

    private static Map<Character, List<String>> load() {
        try (InputStream in = Objects.requireNonNull(Letters.class.getResourceAsStream("letters.txt"))) {
            var lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
            var shapes = new HashMap<Character, List<String>>();
            for (int i = 0; i < lines.size(); i += HEIGHT + 1) {
                shapes.put(lines.get(i).charAt(0), lines.subList(i + 1, i + 1 + HEIGHT));
            }
            return shapes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is ink in a line of text, x pixels from its left and y from its top; unknown letters are "?". */
    static boolean ink(String text, int x, int y) {
        int index = x / ADVANCE;
        if (index >= text.length() || x % ADVANCE == ADVANCE - 1 || text.charAt(index) == ' ') {
            return false;
        }
        var shape = SHAPES.get(text.toUpperCase(Locale.ROOT).charAt(index));
        return Objects.requireNonNull(shape == null ? SHAPES.get('?') : shape)
                        .get(y)
                        .charAt(x % ADVANCE)
                == '#';
    }
}
