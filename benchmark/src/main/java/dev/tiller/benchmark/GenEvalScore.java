// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.DetectionFile.ImageDetections;
import dev.tiller.potentials.geneval.Confidence;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * GenEval's score of a set of pictures: the unweighted mean over the tags of the mean over their images.
 *
 * @param tags for each tag the share of its images that are correct, in the order of the suite
 * @param anyOf for each tag the share of its prompts with at least one correct image
 * @param overall the mean of {@code tags}
 * @param overallAnyOf the mean of {@code anyOf}
 * @param images how many were judged
 * @param prompts how many the suite has
 * @param imagesPerPrompt how many each prompt should have
 * @param missing images that are not there
 * @param lowest the overall score if all missing images are wrong; equal to {@code overall} when none is missing
 * @param highest the overall score if all missing images are right
 */
public record GenEvalScore(
        Map<String, Double> tags,
        Map<String, Double> anyOf,
        double overall,
        double overallAnyOf,
        int images,
        int prompts,
        int imagesPerPrompt,
        int missing,
        double lowest,
        double highest) {

    /** The judgement on a picture. */
    public record ImageVerdict(int promptIndex, String image, String tag, boolean correct, String reason) {}

    /**
     * Judges pictures by the rules of their prompts.
     *
     * @throws IllegalArgumentException if a prompt has no rules
     */
    public static List<ImageVerdict> judge(Suite suite, List<ImageDetections> images) {
        return images.stream().map(image -> judge(suite, image)).toList();
    }

    private static ImageVerdict judge(Suite suite, ImageDetections image) {
        var prompt = suite.prompts().get(image.promptIndex());
        var rules = prompt.rules();
        if (rules == null) {
            throw new IllegalArgumentException("no rules for " + prompt);
        }
        var verdict = rules.judge(Confidence.kept(image.detections(), prompt.tag()));
        return new ImageVerdict(image.promptIndex(), image.image(), prompt.tag(), verdict.correct(), verdict.reason());
    }

    /** The classes that the prompts' rules name and no picture has a detection of: unlucky, or called otherwise. */
    public static List<String> neverFound(Suite suite, List<ImageDetections> images) {
        var found = images.stream()
                .flatMap(image -> image.detections().stream())
                .map(Detection::type)
                .collect(Collectors.toSet());
        return suite.clauses().stream()
                .map(Rules.Clause::type)
                .filter(type -> !found.contains(type))
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * The score of all verdicts.
     *
     * @param imagesPerPrompt how many there should be; null for as many as the prompt with the most has
     * @param partial whether a set in which images are missing is scored all the same
     * @throws TillerException if images are missing and that was not asked for, or there are more than there should be
     */
    public static GenEvalScore of(
            Suite suite, List<ImageVerdict> verdicts, @Nullable Integer imagesPerPrompt, boolean partial) {
        var byPrompt = new TreeMap<Integer, List<ImageVerdict>>();
        verdicts.forEach(v -> byPrompt.computeIfAbsent(v.promptIndex(), p -> new ArrayList<>())
                .add(v));
        int most = byPrompt.values().stream().mapToInt(List::size).max().orElse(0);
        int each = imagesPerPrompt == null ? Math.max(1, most) : imagesPerPrompt;
        if (each < 1) {
            throw new TillerException("A prompt should have at least 1 image, not " + each + ".");
        }
        if (most > each) {
            throw new TillerException("A prompt has " + most + " images where there should be " + each + ".");
        }
        int missing = suite.prompts().size() * each - verdicts.size();
        if (missing > 0 && !partial) {
            throw new TillerException(incomplete(suite, byPrompt, each, missing));
        }
        var tags = new LinkedHashMap<String, Double>();
        var anyOf = new LinkedHashMap<String, Double>();
        double lowest = 0;
        double highest = 0;
        for (var tag : suite.tags()) {
            var of = verdicts.stream().filter(v -> v.tag().equals(tag)).toList();
            double correct = of.stream().filter(ImageVerdict::correct).count();
            double expected = (double) each
                    * suite.prompts().stream().filter(p -> p.tag().equals(tag)).count();
            tags.put(tag, correct / of.size());
            anyOf.put(tag, anyOf(byPrompt, tag));
            lowest += correct / expected;
            highest += (correct + expected - of.size()) / expected;
        }
        int n = tags.size();
        return new GenEvalScore(
                tags,
                anyOf,
                mean(tags),
                mean(anyOf),
                verdicts.size(),
                suite.prompts().size(),
                each,
                missing,
                lowest / n,
                highest / n);
    }

    private static double anyOf(Map<Integer, List<ImageVerdict>> byPrompt, String tag) {
        return byPrompt.values().stream()
                .filter(of -> of.get(0).tag().equals(tag))
                .mapToDouble(of -> of.stream().anyMatch(ImageVerdict::correct) ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    /** Over the tags that have images. */
    private static double mean(Map<String, Double> tags) {
        return tags.values().stream()
                .mapToDouble(v -> v)
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    private static String incomplete(Suite suite, Map<Integer, List<ImageVerdict>> byPrompt, int each, int missing) {
        var lacking = new ArrayList<Integer>();
        for (int p = 0; p < suite.prompts().size(); p++) {
            if (byPrompt.getOrDefault(p, List.of()).size() < each) {
                lacking.add(p);
            }
        }
        var first = lacking.stream().limit(10).map(String::valueOf).collect(Collectors.joining(", "));
        return "The set is incomplete: " + missing + " of " + suite.prompts().size() * each + " images are missing ("
                + each + " for each of " + suite.prompts().size() + " prompts), for prompt " + first
                + (lacking.size() > 10 ? " and " + (lacking.size() - 10) + " more" : "")
                + "; add them, or ask for bounds with --partial.";
    }
}
