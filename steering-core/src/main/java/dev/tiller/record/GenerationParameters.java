// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The {@code parameters} text that AUTOMATIC1111's web UI writes into its PNG files and that many programs read: the
 * prompt, a line {@code Negative prompt: ...}, and a last line of settings such as {@code Steps: 50, Sampler: DDIM, CFG
 * scale: 7.5, Seed: 7, Size: 64x64, Model hash: 0123456789, Model: scenes}.
 *
 * @param prompt may have several lines
 * @param negative empty for none
 * @param settings by name, in order; values with a comma, colon, quote or line break are quoted as in JSON
 */
public record GenerationParameters(String prompt, String negative, Map<String, String> settings) {
    /** The keyword of the text in a PNG file. */
    public static final String KEYWORD = "parameters";

    private static final String NEGATIVE = "Negative prompt:";
    /** Names are short: in a long text that is no settings, each place would else be looked at from each place before it. */
    private static final Pattern SETTING =
            Pattern.compile("(\\w[\\w \\-/]{0,99}+):\\s*+(\"(?:\\\\.|[^\\\\\"])*+\"|[^,]*+)(?:,|$)");

    public GenerationParameters {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** As {@link #parse} reads it. */
    public String toText() {
        var text = new StringBuilder(prompt);
        if (!negative.isEmpty()) {
            text.append('\n').append(NEGATIVE).append(' ').append(negative);
        }
        text.append('\n');
        var entries = new ArrayList<String>();
        settings.forEach((name, value) -> entries.add(name + ": " + quoted(value)));
        return text.append(String.join(", ", entries)).toString();
    }

    /** Reads such a text, of whatever origin; what is not settings is prompt. */
    public static GenerationParameters parse(String text) {
        var lines = new ArrayList<>(text.lines().toList());
        Map<String, String> settings = new LinkedHashMap<>();
        if (!lines.isEmpty()) {
            var last = lines.get(lines.size() - 1);
            var matcher = SETTING.matcher(last);
            while (matcher.find()) {
                settings.put(matcher.group(1), unquoted(matcher.group(2)));
            }
            // The web UI's own rule: fewer than three are a prompt that happens to have colons.
            if (settings.size() < 3) {
                settings = Map.of();
            } else {
                lines.remove(lines.size() - 1);
            }
        }
        var prompt = new ArrayList<String>();
        var negative = new ArrayList<String>();
        var current = prompt;
        for (var line : lines) {
            if (line.startsWith(NEGATIVE)) {
                current = negative;
                line = line.substring(NEGATIVE.length()).strip();
            }
            current.add(line);
        }
        return new GenerationParameters(String.join("\n", prompt), String.join("\n", negative), settings);
    }

    private static String quoted(String value) {
        return value.isEmpty() || value.matches("(?s).*[,:\"\\n\\r].*") ? RecordJson.write(value) : value;
    }

    private static String unquoted(String value) {
        if (!value.startsWith("\"")) {
            return value.strip();
        }
        try {
            return RecordJson.read(value, String.class);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
