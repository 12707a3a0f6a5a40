// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import atlantafx.base.theme.PrimerLight;
import dev.tiller.viewer.Ink;
import dev.tiller.viewer.Palette;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javafx.scene.paint.Color;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All text can be read in both themes: WCAG 2.1, success criterion 1.4.3, level AA. */
class ContrastTest {
    private static final double AA = 4.5;
    private static final Pattern RULE = Pattern.compile("([^{}]+)\\{([^}]*)}");
    private static final Pattern PROPERTY = Pattern.compile("(-[\\w-]+)\\s*:\\s*([^;]+);");

    private static final List<String> IN_ROWS = List.of(".row-details", ".row-note", ".steered");

    private static String text(Class<?> beside, String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?s)/\\*.*?\\*/", "");
        }
    }

    private static Map<String, String> properties(String body) {
        var properties = new LinkedHashMap<String, String>();
        PROPERTY.matcher(body)
                .results()
                .forEach(p -> properties.put(p.group(1), p.group(2).strip()));
        return properties;
    }

    /** The rules of a sheet, a selector at a time. */
    private static Map<String, Map<String, String>> rules(String sheet) {
        var rules = new LinkedHashMap<String, Map<String, String>>();
        RULE.matcher(sheet)
                .results()
                .forEach(rule -> Stream.of(rule.group(1).split(",", -1))
                        .forEach(selector -> rules.computeIfAbsent(selector.strip(), s -> new HashMap<>())
                                .putAll(properties(rule.group(2)))));
        return rules;
    }

    /** What a name of the theme stands for. */
    private static Color colour(Map<String, String> theme, String value) {
        return value.startsWith("-color-")
                ? colour(theme, Objects.requireNonNull(theme.get(value), value))
                : Color.web(value);
    }

    private static Color over(Color above, Color below) {
        return below.interpolate(Color.color(above.getRed(), above.getGreen(), above.getBlue()), above.getOpacity());
    }

    private static double light(double channel) {
        return channel <= 0.03928 ? channel / 12.92 : Math.pow((channel + 0.055) / 1.055, 2.4);
    }

    private static double luminance(Color colour) {
        return 0.2126 * light(colour.getRed()) + 0.7152 * light(colour.getGreen()) + 0.0722 * light(colour.getBlue());
    }

    static double contrast(Color text, Color ground) {
        double a = luminance(over(text, ground));
        double b = luminance(ground);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    @Test
    void theFormulaIsTheStandards() {
        assertEquals(21, contrast(Color.BLACK, Color.WHITE), 1e-9);
        assertEquals(1, contrast(Color.RED, Color.RED), 1e-9);
        assertEquals(4.54, contrast(Color.web("#767676"), Color.WHITE), 0.005);
        assertEquals(4.48, contrast(Color.web("#777777"), Color.WHITE), 0.005);
    }

    @ParameterizedTest
    @ValueSource(strings = {"primer-light.css", "primer-dark.css"})
    void theStylesheetsTextCanBeRead(String name) throws IOException {
        var all = rules(text(PrimerLight.class, name));
        var theme = all.get(".root");
        var chosen = colour(theme, all.get(".list-view").get("-color-cell-bg-selected"));
        var sheet = rules(text(TillerWindow.class, "window.css"));
        var plain = colour(theme, "-color-bg-default");
        var faint = new ArrayList<String>();
        int pairs = 0;
        for (var rule : sheet.entrySet()) {
            var selector = rule.getKey();
            var fill = rule.getValue()
                    .getOrDefault("-fx-text-fill", rule.getValue().get("-fx-prompt-text-fill"));
            var back = rule.getValue().get("-fx-background-color");
            if ((fill == null && back == null) || selector.equals(".overlay") || selector.equals(".thumbnail")) {
                continue;
            }
            var ground = back != null
                    ? over(colour(theme, back), plain)
                    : selector.contains(":selected") ? chosen : enclosing(sheet, selector, theme, plain);
            pairs++;
            double contrast = contrast(colour(theme, fill == null ? "-color-fg-default" : fill), ground);
            if (contrast < AA) {
                faint.add(String.format(java.util.Locale.ROOT, "%s %.2f", selector, contrast));
            }
        }
        for (var row : IN_ROWS) {
            if (!sheet.containsKey(".gallery .list-cell:selected " + row)) {
                double contrast = contrast(colour(theme, sheet.get(row).get("-fx-text-fill")), chosen);
                if (contrast < AA) {
                    faint.add(String.format(java.util.Locale.ROOT, "%s in a chosen row %.2f", row, contrast));
                }
            }
        }
        assertEquals(List.of(), faint);
        assertTrue(pairs > 15, pairs + " pairs were found");
    }

    /** The ground of the first part of a selector, such as {@code .alarm} of {@code .alarm .label}. */
    private static Color enclosing(
            Map<String, Map<String, String>> sheet, String selector, Map<String, String> theme, Color plain) {
        return Optional.ofNullable(sheet.get(selector.split(" ", -1)[0]))
                .map(outer -> outer.get("-fx-background-color"))
                .map(back -> over(colour(theme, back), plain))
                .orElse(plain);
    }

    private static Color colour(Ink ink) {
        return Color.rgb(ink.rgb() >> 16, ink.rgb() >> 8 & 0xFF, ink.rgb() & 0xFF, ink.opacity());
    }

    /** What the views write: labels, axes, marks of resampling, rewards of those that died, orders on a picture. */
    @Test
    void theViewsTextCanBeRead() {
        for (var palette : List.of(Palette.LIGHT, Palette.DARK)) {
            var ground = colour(palette.ground());
            for (var ink : List.of(
                    palette.text(),
                    palette.muted(),
                    palette.accent(),
                    palette.text().faint(0.7))) {
                assertTrue(contrast(colour(ink), ground) >= AA, palette.ground() + " " + ink);
            }
            assertTrue(contrast(ground, colour(palette.accent())) >= AA, "on an order");
        }
    }
}
