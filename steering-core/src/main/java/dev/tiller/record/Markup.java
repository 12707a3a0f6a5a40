// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Base64;
import java.util.Locale;

/** How text, numbers and pictures are written in HTML and SVG. */
public final class Markup {
    private Markup() {}

    /** Text with what has a meaning in HTML written as references. */
    public static String escape(String text) {
        var escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    // HTML has no other control characters, a lone surrogate is no character, and neither are two more.
                    boolean legal = (c >= 0x20 || c == '\n' || c == '\t')
                            && !(c >= 0xD800 && c <= 0xDFFF)
                            && c != 0x7F
                            && c != 0xFFFE
                            && c != 0xFFFF;
                    escaped.appendCodePoint(legal ? c : 0xFFFD);
                }
            }
        });
        return escaped.toString();
    }

    /** For people: four significant digits, no exponent where it can be read without. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "n/a";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "−∞";
        }
        var rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
        double size = Math.abs(value);
        var text = size != 0 && (size < 1e-4 || size >= 1e7) ? rounded.toString() : rounded.toPlainString();
        return text.replace("-", "−");
    }

    /** A whole number, its thousands apart by narrow spaces. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202F');
    }

    /** For SVG: a coordinate to a hundredth of a pixel. */
    public static String at(double coordinate) {
        return BigDecimal.valueOf(Math.round(coordinate * 100), 2)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** A PNG file as an address that holds it. */
    public static String dataUri(byte[] png) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }
}
