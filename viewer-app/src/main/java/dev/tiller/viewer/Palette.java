// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.util.List;
import java.util.stream.Stream;

/**
 * The colours of what is drawn by hand. Text on ground has a contrast of at least 4.5 in both themes.
 *
 * @param ground behind everything
 * @param card behind a picture that is not there
 * @param text of labels
 * @param muted of axes, and of what died
 * @param grid of lines that help the eye
 * @param accent of the cursor and of what is chosen
 * @param alarm of resampling marks and warnings
 * @param lines of surviving families, in order
 * @param rewards from low ones over middling to high ones; told apart without seeing red or green
 */
public record Palette(
        Ink ground,
        Ink card,
        Ink text,
        Ink muted,
        Ink grid,
        Ink accent,
        Ink alarm,
        List<Ink> lines,
        List<Ink> rewards) {
    public static final Palette LIGHT = new Palette(
            Ink.of("ffffff"),
            Ink.of("eef0f2"),
            Ink.of("1f2328"),
            Ink.of("656d76"),
            Ink.of("e4e7ea"),
            Ink.of("0969da"),
            Ink.of("cf222e"),
            inks("0f766e", "b45309", "6d28d9", "be185d", "1d4ed8", "4d7c0f", "b91c1c", "0e7490"),
            inks("7f9cc4", "8250df", "c2410c"));

    public static final Palette DARK = new Palette(
            Ink.of("0d1117"),
            Ink.of("1c222b"),
            Ink.of("e6edf3"),
            Ink.of("8d96a0"),
            Ink.of("262c36"),
            Ink.of("4493f8"),
            Ink.of("f85149"),
            inks("2dd4bf", "f59e0b", "a78bfa", "f472b6", "60a5fa", "a3e635", "f87171", "22d3ee"),
            inks("56739c", "b083f0", "ffb454"));

    private static List<Ink> inks(String... hex) {
        return Stream.of(hex).map(Ink::of).toList();
    }

    /** The colour of a surviving family; families beyond the number of colours begin again. */
    public Ink line(int family) {
        return family < 0 ? muted : lines.get(family % lines.size());
    }

    /** @param share of the way from the lowest reward to the highest, in [0, 1] */
    public Ink reward(double share) {
        double at = Math.max(0, Math.min(1, share)) * (rewards.size() - 1);
        int from = Math.min(rewards.size() - 2, (int) at);
        return rewards.get(from).mixed(rewards.get(from + 1), at - from);
    }
}
