// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** One panel of curves over the steps of a run: what is to be drawn, not yet where. */
public final class Plot {
    /** A piece of a curve; {@code strong} ones are drawn over the others. */
    record Stroke(
            double step, double value, double nextStep, double nextValue, Function<Palette, Ink> ink, boolean strong) {}

    /** A value of a particle. */
    record Dot(double step, double value, Function<Palette, Ink> ink, boolean strong) {}

    private final String name;
    private final String title;
    private final String key;
    private final Function<Palette, Ink> keyInk;
    private final List<Stroke> strokes = new ArrayList<>();
    private final List<Dot> dots = new ArrayList<>();
    private final List<Double> marks = new ArrayList<>();
    private OptionalInt alarm = OptionalInt.empty();
    private boolean fromZero;
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;

    /**
     * @param name by which it is told from others
     * @param title what its values are, in words
     * @param key what one of its curves is, in its colour; may be empty
     */
    Plot(String name, String title, String key, Function<Palette, Ink> keyInk) {
        this.name = name;
        this.title = title;
        this.key = key;
        this.keyInk = keyInk;
    }

    public String name() {
        return name;
    }

    public String title() {
        return title;
    }

    String key() {
        return key;
    }

    Function<Palette, Ink> keyInk() {
        return keyInk;
    }

    /** From one point to the next; nothing where a value is not finite. */
    void line(
            double step, double value, double nextStep, double nextValue, Function<Palette, Ink> ink, boolean strong) {
        if (Double.isFinite(value) && Double.isFinite(nextValue)) {
            strokes.add(new Stroke(step, value, nextStep, nextValue, ink, strong));
            reach(value);
            reach(nextValue);
        }
    }

    void dot(double step, double value, Function<Palette, Ink> ink, boolean strong) {
        if (Double.isFinite(value)) {
            dots.add(new Dot(step, value, ink, strong));
            reach(value);
        }
    }

    private void reach(double value) {
        low = Math.min(low, value);
        high = Math.max(high, value);
    }

    /** A dashed mark over the whole height. */
    void mark(double step) {
        marks.add(step);
    }

    /** Where an alarm was raised. */
    void alarm(int step) {
        alarm = OptionalInt.of(step);
    }

    void fromZero() {
        fromZero = true;
    }

    boolean isEmpty() {
        return strokes.isEmpty() && dots.isEmpty();
    }

    List<Stroke> strokes() {
        return strokes;
    }

    List<Dot> dots() {
        return dots;
    }

    List<Double> marks() {
        return marks;
    }

    OptionalInt alarm() {
        return alarm;
    }

    double low() {
        return isEmpty() || fromZero ? 0 : low;
    }

    double high() {
        return isEmpty() ? 1 : high;
    }
}
