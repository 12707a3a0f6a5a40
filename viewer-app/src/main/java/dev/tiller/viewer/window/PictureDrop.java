// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.record.PictureSettings;
import dev.tiller.viewer.Messages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What may be taken over from a picture that was dropped. It may come from anywhere, so it chooses only among what is known
 * here: no path that it names is opened, neither now nor when the run is started, and the user sees what was left out.
 *
 * @param settings to be shown in the compose pane, each of a value that it can have
 * @param left what was not taken over, in words
 */
record PictureDrop(Map<String, String> settings, List<String> left) {
    private static final int LONGEST_PROMPT = 20_000;
    private static final int LONGEST_SHOWN = 60;
    private static final Pattern WORD = Pattern.compile("[^\\s,()=\"*+]+");

    static PictureDrop of(PictureSettings picture, Studio studio) {
        var models = names(studio.models().stream().map(Studio.Choice::name).toList());
        Predicate<String> isReward = reward -> isShort(reward) && namesNoPath(reward, models);
        Map<String, Predicate<String>> known = Map.ofEntries(
                Map.entry("prompt", PictureDrop::isShort),
                Map.entry("negative", PictureDrop::isShort),
                Map.entry(
                        "method",
                        names(studio.methods().stream().map(Studio.Method::name).toList())::contains),
                Map.entry("model", models::contains),
                Map.entry("reward", isReward),
                Map.entry("hold-out", isReward),
                Map.entry("particles", value -> isWhole(value, 1, 256)),
                Map.entry("steps", value -> isWhole(value, 1, 1000)),
                Map.entry("seed", value -> isWhole(value, Long.MIN_VALUE, Long.MAX_VALUE)),
                Map.entry("lambda", value -> isNumber(value, 1000)),
                Map.entry("guidance", value -> isNumber(value, 30)));
        var settings = new LinkedHashMap<String, String>();
        var left = new ArrayList<String>();
        picture.settings().forEach((name, value) -> {
            if (known.getOrDefault(name, v -> false).test(value)) {
                settings.put(name, value);
            } else {
                left.add(shown(name, value));
            }
        });
        picture.others().forEach((name, value) -> left.add(shown(name, value)));
        return new PictureDrop(settings, left);
    }

    private static Set<String> names(List<String> names) {
        return Set.copyOf(names);
    }

    private static boolean isShort(String text) {
        return text.length() <= LONGEST_PROMPT;
    }

    /** An expression can name files for its rewards; models that are known here may be named. */
    private static boolean namesNoPath(String expression, Set<String> models) {
        return WORD.matcher(expression)
                .results()
                .map(word -> word.group())
                .noneMatch(word -> word.matches(".*[/\\\\~:].*|\\.+") && !models.contains(word));
    }

    private static boolean isWhole(String value, long least, long most) {
        try {
            long number = Long.parseLong(value.strip());
            return least <= number && number <= most;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isNumber(String value, double most) {
        try {
            double number = Double.parseDouble(value.strip());
            return 0 <= number && number <= most;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String shown(String name, String value) {
        var line = (name + " " + value).replaceAll("\\s+", " ");
        return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
    }

    /** What was left out, as the window says it. */
    String sentence() {
        if (left.isEmpty()) {
            return Messages.of("drop.all");
        }
        int most = 12;
        var shown = left.stream().limit(most).collect(Collectors.joining("; "));
        return Messages.of("drop.left", shown + (left.size() > most ? "; …" : ""));
    }
}
