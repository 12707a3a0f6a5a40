// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers of many small shapes, gathered by their ink so that each ink is drawn at once, in the order in which inks came. */
final class Inked {
    /** What is drawn with one ink. */
    interface Drawn {
        void with(Ink ink, double[] numbers);
    }

    private static final class Numbers {
        private double[] values = new double[64];
        private int count;

        void add(double a, double b, double c) {
            if (count + 4 > values.length) {
                values = Arrays.copyOf(values, 2 * values.length);
            }
            values[count++] = a;
            values[count++] = b;
            values[count++] = c;
        }

        void add(double a, double b, double c, double d) {
            add(a, b, c);
            values[count++] = d;
        }
    }

    private final Map<Ink, Numbers> byInk = new LinkedHashMap<>();

    void add(Ink ink, double a, double b, double c) {
        of(ink).add(a, b, c);
    }

    void add(Ink ink, double a, double b, double c, double d) {
        of(ink).add(a, b, c, d);
    }

    /** Has this ink drawn before those that come later. */
    void first(Ink ink) {
        of(ink);
    }

    private Numbers of(Ink ink) {
        return byInk.computeIfAbsent(ink, i -> new Numbers());
    }

    void draw(Drawn drawn) {
        byInk.forEach((ink, numbers) -> {
            if (numbers.count > 0) {
                drawn.with(ink, Arrays.copyOf(numbers.values, numbers.count));
            }
        });
    }
}
