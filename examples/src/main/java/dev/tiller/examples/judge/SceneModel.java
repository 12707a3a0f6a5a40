// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples.judge;

import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.scene.CaptionParser;
import dev.tiller.potentials.scene.SceneVerifier;
import dev.tiller.record.Png;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The "model" of the server: reads the question's words, and sees pictures of the scene world by rules. */
final class SceneModel {
    private static final Pattern DESCRIPTION = Pattern.compile("(?s)<description>(.*)</description>");
    private static final Pattern NUMBERED = Pattern.compile("(?m)^\\d+\\. ");

    private final SceneVerifier verifier = new SceneVerifier();

    /**
     * An answer.
     *
     * @param words the probability of each word where one of two is the answer, else empty
     */
    record Answer(String text, Map<String, Double> words) {}

    Answer answer(String question, List<byte[]> pictures) {
        var found = DESCRIPTION.matcher(question);
        if (!found.find() || pictures.isEmpty()) {
            return new Answer("I see no description or no picture.", Map.of());
        }
        var rules = CaptionParser.parse(found.group(1).strip());
        double first = shown(pictures.get(0), rules);
        if (question.contains("\"better\"")) {
            double second = shown(pictures.get(1), rules);
            var better = first > second ? "first" : first < second ? "second" : "same";
            return said("\"better\": \"" + better + "\"");
        }
        if (question.contains("\"rating\"")) {
            return said("\"rating\": " + (1 + Math.round(4 * first)));
        }
        if (question.contains("\"answers\"")) {
            long n = NUMBERED.matcher(question).results().count();
            var number = String.format(Locale.ROOT, "%.1f", 10 * first);
            return said("\"answers\": " + Collections.nCopies((int) n, number));
        }
        if (question.contains("\"score\"")) {
            return said(String.format(Locale.ROOT, "\"score\": %.1f", 10 * first));
        }
        boolean quality = question.contains("Good or Poor");
        var good = quality ? "Good" : "Yes";
        var poor = quality ? "Poor" : "No";
        double p = 0.02 + 0.96 * first;
        return new Answer(p > 0.5 ? good : poor, Map.of(good, p, poor, 1 - p));
    }

    private static Answer said(String field) {
        return new Answer("{" + field + ", \"addressed\": false}", Map.of());
    }

    private double shown(byte[] png, Rules rules) {
        return verifier.judge(Png.decode(png).rgb(), rules).fulfilled();
    }
}
