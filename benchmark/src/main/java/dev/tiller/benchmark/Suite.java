// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.potentials.geneval.GenEvalPrompt;
import dev.tiller.potentials.geneval.JsonLine;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prompts to be measured by, in order.
 *
 * @param name as in the plan
 * @param prompts at least one; a prompt's index is its place
 */
public record Suite(String name, List<SuitePrompt> prompts) {
    /**
     * @param tag its category; {@code all} where the list has none
     * @param rules by which its pictures are judged; null where only rewards can say
     */
    public record SuitePrompt(
            String prompt, String tag, @Nullable Rules rules) {}

    public Suite {
        prompts = List.copyOf(prompts);
    }

    /**
     * Finds a suite: {@code scenes}, the embedded one with 20 prompts in each of GenEval's six categories; {@code geneval},
     * the official prompts where they have been fetched to; or a file: {@code .jsonl} with {@code prompt} and {@code tag}, and rules as {@code evaluation_metadata.jsonl}
     * has it, {@code .csv} or {@code .tsv} with a column Prompt or Prompts and perhaps Category (PartiPrompts, DrawBench), or
     * {@code .txt} with a prompt a line.
     *
     * @throws TillerException if there is none, or it cannot be read
     */
    public static Suite named(String name) {
        if (name.equals("scenes")) {
            return scenes();
        }
        if (name.equals("geneval")) {
            return withRules("geneval", OfficialPrompts.find());
        }
        var file = Path.of(name);
        var kind = name.toLowerCase(Locale.ROOT);
        if (!Files.isRegularFile(file)) {
            throw new TillerException("There is no suite and no file '" + name
                    + "'; there are scenes, geneval, and files" + " ending in .jsonl, .csv, .tsv and .txt.");
        }
        if (kind.endsWith(".jsonl")) {
            return new Suite(name, requireSome(judged(mixed(file)), file));
        }
        if (kind.endsWith(".csv") || kind.endsWith(".tsv")) {
            return new Suite(name, judged(PromptTable.read(file, kind.endsWith(".csv") ? ',' : '\t')));
        }
        if (kind.endsWith(".txt")) {
            var prompts = lines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .map(line -> new SuitePrompt(line, "all", null))
                    .toList();
            return new Suite(name, requireSome(prompts, file));
        }
        throw new TillerException(
                "The suite " + name + " should end in .jsonl, .csv, .tsv or .txt, which says what it is"
                        + (kind.matches(".*\\.(ya?ml|json)") ? "; a plan is given as --plan " + name : "") + ".");
    }

    /** The embedded suite. */
    public static Suite scenes() {
        try (InputStream in = Suite.class.getResourceAsStream("/suites/scenes.jsonl")) {
            if (in == null) {
                throw new IllegalStateException("the suite is missing from this build");
            }
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Suite(
                    "scenes",
                    prompts(GenEvalPrompt.parse("the suite scenes", text.lines().toList())));
        } catch (IOException e) {
            throw new TillerException("Cannot read the suite scenes: " + e.getMessage() + ".", e);
        }
    }

    /** A file of prompts with rules, as {@code evaluation_metadata.jsonl}. */
    public static Suite withRules(String name, Path file) {
        return new Suite(name, prompts(GenEvalPrompt.parse(file.toString(), lines(file))));
    }

    /** Lines with rules, and lines with a prompt and a tag or category only. */
    private static List<SuitePrompt> mixed(Path file) {
        var prompts = new ArrayList<SuitePrompt>();
        var lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                prompts.add(prompt(lines.get(i), file + ", line " + (i + 1)));
            }
        }
        return prompts;
    }

    /**
     * With the rules that follow from the prompts, where all without rules are of a category that a detector can judge, and all
     * are understood; a score over some prompts only would be of another suite.
     */
    private static List<SuitePrompt> judged(List<SuitePrompt> prompts) {
        var judged = new ArrayList<SuitePrompt>();
        for (var prompt : prompts) {
            var rules = prompt.rules() != null || !CompositionalRules.knows(prompt.tag())
                    ? Optional.ofNullable(prompt.rules())
                    : CompositionalRules.of(prompt.prompt());
            if (rules.isEmpty()) {
                return prompts;
            }
            judged.add(new SuitePrompt(prompt.prompt(), prompt.tag(), rules.get()));
        }
        return judged;
    }

    private static SuitePrompt prompt(String line, String where) {
        var node = JsonLine.read(line, where);
        if (node.has("include") || node.has("exclude")) {
            return prompts(List.of(GenEvalPrompt.ofLine(line, where))).get(0);
        }
        if (!node.path("prompt").isTextual() || node.path("prompt").asText().isBlank()) {
            throw new TillerException(where + " lacks a \"prompt\", a text.");
        }
        var category = node.path("category").asText("all");
        return new SuitePrompt(node.path("prompt").asText(), node.path("tag").asText(category), null);
    }

    private static List<SuitePrompt> prompts(List<GenEvalPrompt> prompts) {
        return prompts.stream()
                .map(p -> new SuitePrompt(p.prompt(), p.tag(), p.rules()))
                .toList();
    }

    /** What the rules of all prompts ask for and forbid. */
    List<Rules.Clause> clauses() {
        return prompts.stream()
                .flatMap(prompt -> Stream.ofNullable(prompt.rules()))
                .flatMap(rules -> Stream.concat(rules.include().stream(), rules.exclude().stream()))
                .toList();
    }

    /**
     * The first so many prompts of every category; all where there are fewer.
     *
     * @throws TillerException if there are to be none
     */
    public Suite first(int ofEachTag) {
        if (ofEachTag < 1) {
            throw new TillerException("--first takes at least 1 prompt of each category, not " + ofEachTag + ".");
        }
        var counts = new HashMap<String, Integer>();
        return new Suite(
                name,
                prompts.stream()
                        .filter(p -> counts.merge(p.tag(), 1, Integer::sum) <= ofEachTag)
                        .toList());
    }

    /** The categories, in the order in which they first appear. */
    public List<String> tags() {
        return prompts.stream().map(SuitePrompt::tag).distinct().toList();
    }

    static List<SuitePrompt> requireSome(List<SuitePrompt> prompts, Path file) {
        if (prompts.isEmpty()) {
            throw new TillerException("There are no prompts in " + file + ".");
        }
        return prompts;
    }

    /** Without the byte order mark that some editors begin a file with. */
    static List<String> lines(Path file) {
        try {
            var lines = new ArrayList<>(Files.readAllLines(file));
            if (!lines.isEmpty() && lines.get(0).startsWith("\uFEFF")) {
                lines.set(0, lines.get(0).substring(1));
            }
            return lines;
        } catch (IOException e) {
            throw new TillerException(
                    "Cannot read " + file + ": "
                            + (Files.exists(file) ? "it is no text in UTF-8" : "there is no such file") + ".",
                    e);
        }
    }
}
