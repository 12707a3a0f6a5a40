// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScenePromptTest {
    @TempDir
    Path folder;

    @Test
    void everyPromptAloneStandsForItsRules() throws URISyntaxException {
        var file = Path.of(
                Objects.requireNonNull(getClass().getResource("/prompts.jsonl")).toURI());
        var prompts = ScenePrompt.read(file);
        assertEquals(120, prompts.size());
        assertEquals(6, prompts.stream().map(ScenePrompt::tag).distinct().count());
        for (var prompt : prompts) {
            assertEquals(prompt.rules(), SceneRules.parse(prompt.prompt()), prompt.prompt());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"prompt\": \"x\"}",
                "{\"include\": [{\"class\": \"star\"}]}",
                "{\"prompt\": \"x\", \"include\": [{\"class\": \"cat\"}]}",
                "{\"prompt\": \"x\", \"include\": [{\"class\": \"star\", \"color\": \"teal\"}]}",
                "{\"prompt\": \"x\", \"include\": [{\"class\": \"star\", \"position\": [\"above\", 0]}]}"
            })
    void otherLinesAreRefusedByNumber(String line) throws IOException {
        var file = Files.writeString(folder.resolve("prompts.jsonl"), "\n" + line + "\n");
        var e = assertThrows(TillerException.class, () -> ScenePrompt.read(file));
        assertTrue(e.getMessage().contains("line 2"), e.getMessage());
    }
}
