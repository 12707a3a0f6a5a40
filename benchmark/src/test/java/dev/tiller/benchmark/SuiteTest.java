// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.potentials.geneval.Relation;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.geneval.Rules.Position;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteTest {
    @TempDir
    Path temp;

    private Suite read(String name, String text) throws IOException {
        return Suite.named(Files.writeString(temp.resolve(name), text).toString());
    }

    @Test
    void theEmbeddedSuiteHasTwentyPromptsOfEachCategory() {
        var scenes = Suite.scenes();
        assertEquals(120, scenes.prompts().size());
        assertEquals(6, scenes.tags().size());
        assertEquals(12, scenes.first(2).prompts().size());
        assertTrue(SceneDetector.forSuite(scenes).isPresent());
    }

    @Test
    void aByteOrderMarkIsNoPartOfAPrompt() throws IOException {
        assertEquals(
                List.of(new SuitePrompt("a dog", "all", null)),
                read("mark.txt", "\uFEFFa dog\r\n").prompts());
        assertEquals(
                List.of(new SuitePrompt("a dog", "x", null)),
                read("mark.jsonl", "\uFEFF{\"prompt\": \"a dog\", \"tag\": \"x\"}\n")
                        .prompts());
    }

    /** Else prompts would be lost in silence. */
    @Test
    void whatWouldBeLostIsRefused() throws IOException {
        for (var line : List.of(
                "{\"prompt\": \"a dog\"} {\"prompt\": \"a cat\"}",
                "{\"prompt\": \"a dog\", \"prompt\": \"a cat\"}",
                "{\"prompt\": \" \"}",
                "{\"prompt\": \"a dog\", \"tag\": \"x\", \"exclude\": [{\"class\": \"cat\"}]}",
                "{\"prompt\": \"a dog\", \"tag\": \"x\", \"include\": [{\"class\": \"dog\"}], \"exclude\": \"cat\"}")) {
            var e = assertThrows(TillerException.class, () -> read("lost.jsonl", line));
            assertTrue(e.getMessage().contains("lost.jsonl, line 1 "), e.getMessage());
        }
        var open = assertThrows(TillerException.class, () -> read("open.csv", "Prompt\n\"a dog\na cat\n"));
        assertTrue(open.getMessage().contains("a quotation mark that is not closed: a dog"), open.getMessage());
        assertThrows(TillerException.class, () -> Suite.scenes().first(0));
    }

    @Test
    void promptListsInOtherFormsAreScoredByRewardsOnly() throws IOException {
        assertEquals(
                List.of(
                        new SuitePrompt("a dog, a \"big\" one", "Colors", null),
                        new SuitePrompt("two\nlines", "all", null)),
                read("drawbench.csv", "Prompts,Category\r\n\"a dog, a \"\"big\"\" one\",Colors\r\n\"two\nlines\",\n")
                        .prompts());
        assertEquals(
                List.of(new SuitePrompt("bond", "Abstract", null)),
                read("parti.tsv", "\uFEFFPrompt\tCategory\tChallenge\tNote\nbond\tAbstract\tBasic\tBiology\n")
                        .prompts());
        assertEquals(
                List.of(new SuitePrompt("a wooden bench", "texture", null)),
                read("t2i.jsonl", "{\"prompt\": \"a wooden bench\", \"category\": \"texture\"}\n")
                        .prompts());
        var plain = read("prompts.txt", "a dog\n\n  a cat \n");
        assertEquals(
                List.of(new SuitePrompt("a dog", "all", null), new SuitePrompt("a cat", "all", null)), plain.prompts());
        assertTrue(SceneDetector.forSuite(plain).isEmpty());
    }

    /** As T2I-CompBench asks: the rules follow from the prompt. */
    @Test
    void categoriesThatADetectorCanJudgeHaveRules() throws IOException {
        var suite = read("t2i.csv", """
                Prompt,Category
                a green bench and a blue orange,color
                three dogs and two knives,numeracy
                a teddy bear on the left of an orange couch,spatial
                a photo of a heart on top of the star,spatial
                """);
        assertEquals(
                List.of(
                        new Rules(List.of(clause("bench", 1, "green"), clause("orange", 1, "blue")), List.of()),
                        new Rules(
                                List.of(clause("dog", 3, null), clause("knife", 2, null)),
                                List.of(clause("dog", 4, null), clause("knife", 3, null))),
                        new Rules(
                                List.of(
                                        clause("couch", 1, "orange"),
                                        new Clause("teddy bear", 1, null, new Position(Relation.LEFT_OF, 0))),
                                List.of()),
                        new Rules(
                                List.of(
                                        clause("star", 1, null),
                                        new Clause("heart", 1, null, new Position(Relation.ABOVE, 0))),
                                List.of())),
                suite.prompts().stream().map(SuitePrompt::rules).toList());
        for (var mice : List.of("two mice", "two computer mice")) {
            var rules = CompositionalRules.of(mice).orElseThrow();
            assertEquals(List.of(clause("computer mouse", 2, null)), rules.include(), mice);
        }
        for (var other :
                List.of("a dog next to a cat", "a metallic bench", "a dog and", "two dogs and a dog", "a cat a dog")) {
            assertEquals(Optional.empty(), CompositionalRules.of(other), other);
            var mixed = read("mixed.csv", "Prompt,Category\na red star,color\n" + other + ",spatial\n");
            assertTrue(mixed.prompts().stream().allMatch(p -> p.rules() == null), other);
        }
        assertTrue(SceneDetector.forSuite(read("scene.csv", "Prompt,Category\ntwo red stars,numeracy\n"))
                .isPresent());
    }

    private static Clause clause(String type, int count, @Nullable String colour) {
        return new Clause(type, count, colour, null);
    }

    @Test
    void otherFilesAreRefused() {
        assertThrows(TillerException.class, () -> read("empty.txt", "\n"));
        assertThrows(TillerException.class, () -> read("no.csv", "Text,Category\na,b\n"));
        assertThrows(TillerException.class, () -> read("gap.csv", "Prompt,Category\n,b\n"));
        assertThrows(TillerException.class, () -> read("no.jsonl", "{\"text\": 1}"));
        assertThrows(TillerException.class, () -> read("prompts.doc", "a dog"));
        assertThrows(TillerException.class, () -> Suite.named("nowhere"));
        var plan = assertThrows(TillerException.class, () -> read("bench.yaml", "seed: 1"));
        assertTrue(plan.getMessage().contains("--plan " + temp.resolve("bench.yaml")), plan.getMessage());
    }
}
