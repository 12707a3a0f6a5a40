// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.scene.CaptionParser;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenEvalPromptTest {
    @Test
    void everyScenePromptAloneStandsForItsRules() throws IOException, URISyntaxException {
        var file = Path.of(
                Objects.requireNonNull(getClass().getResource("/prompts.jsonl")).toURI());
        var prompts = GenEvalPrompt.parse("prompts", Files.readAllLines(file));
        assertEquals(120, prompts.size());
        assertEquals(6, prompts.stream().map(GenEvalPrompt::tag).distinct().count());
        for (var prompt : prompts) {
            assertEquals(prompt.rules(), CaptionParser.parse(prompt.prompt()), prompt.prompt());
            assertEquals(
                    List.of(prompt),
                    GenEvalPrompt.parse("again", List.of(prompt.toJson().toString())));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"prompt\": \"x\", \"tag\": \"t\"}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": []}",
                "{\"tag\": \"t\", \"include\": [{\"class\": \"star\"}]}",
                "{\"prompt\": \"x\", \"include\": [{\"class\": \"star\"}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"count\": 1}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"star\", \"count\": 0}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"star\", \"count\": 1.5}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"star\", \"color\": 3}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"star\", \"position\": [\"above\", 0]}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"a\"}, {\"class\": \"b\", \"position\": [\"near\", 0]}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"a\"}, {\"class\": \"b\", \"position\": [\"above\", 0.9]}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"a\"}, {\"class\": \"b\", \"position\": [\"above\", \"0\"]}]}",
                "{\"prompt\": \"x\", \"tag\": \"t\", \"include\": [{\"class\": \"a\"}, {\"class\": \"b\", \"position\": [\"above\", 0, 1]}]}"
            })
    void otherLinesAreRefusedByNumber(String line) {
        var e = assertThrows(TillerException.class, () -> GenEvalPrompt.parse("suite.jsonl", List.of("", line)));
        assertTrue(e.getMessage().contains("suite.jsonl, line 2"), e.getMessage());
    }

    @Test
    void noPromptsAreRefused() {
        assertThrows(TillerException.class, () -> GenEvalPrompt.parse("suite.jsonl", List.of(" ")));
    }
}
