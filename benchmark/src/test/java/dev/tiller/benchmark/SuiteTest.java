// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
                List.of(new SuitePrompt("a green bench", "color", null)),
                read("t2i.jsonl", "{\"prompt\": \"a green bench\", \"category\": \"color\"}\n")
                        .prompts());
        var plain = read("prompts.txt", "a dog\n\n  a cat \n");
        assertEquals(
                List.of(new SuitePrompt("a dog", "all", null), new SuitePrompt("a cat", "all", null)), plain.prompts());
        assertTrue(SceneDetector.forSuite(plain).isEmpty());
    }

    @Test
    void otherFilesAreRefused() {
        assertThrows(TillerException.class, () -> read("empty.txt", "\n"));
        assertThrows(TillerException.class, () -> read("no.csv", "Text,Category\na,b\n"));
        assertThrows(TillerException.class, () -> read("gap.csv", "Prompt,Category\n,b\n"));
        assertThrows(TillerException.class, () -> read("no.jsonl", "{\"text\": 1}"));
        assertThrows(TillerException.class, () -> read("prompts.doc", "a dog"));
        assertThrows(TillerException.class, () -> Suite.named("nowhere"));
    }
}
