// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SigLIP's tokens against transformers' SiglipTokenizer: tools/rewards/golden_siglip_tokens.py. */
class WordTokenizerTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "tokenizers");
    private static final Path SIGLIP = GOLDEN.resolve("siglip");
    private static final int LENGTH = 64;

    @TempDir
    Path folder;

    /**
     * 168 prompts: words, capitals, punctuation, white space of all kinds, accents, scripts, emoji, controls, none and too
     * many. On two the reference differs from the published tokenizer.json: where a text begins with another white space than
     * a blank, it leaves an empty piece there.
     */
    @Test
    void everyPromptOfTheReferenceHasItsTokens() throws IOException {
        var prompts = read(GOLDEN.resolve("clip").resolve("prompts.json"));
        var rows = read(SIGLIP.resolve("ids.json"));
        assertEquals(168, rows.size());
        assertEquals(rows.size(), prompts.size());
        var others = new TreeSet<String>();
        int cut = 0;
        try (var tokenizer = WordTokenizer.siglip(SIGLIP, LENGTH)) {
            for (int i = 0; i < rows.size(); i++) {
                var prompt = prompts.get(i).path("prompt").asText();
                var expected = new long[LENGTH];
                Arrays.fill(expected, 1);
                for (int k = 0; k < rows.get(i).size(); k++) {
                    expected[k] = rows.get(i).get(k).longValue();
                }
                var tokens = tokenizer.encode(prompt);
                cut += tokens.lost() > 0 ? 1 : 0;
                if (!Arrays.equals(expected, tokens.ids())) {
                    others.add(prompt);
                }
            }
        }
        assertEquals(
                new TreeSet<>(Arrays.asList("\u3000ideographic space\u3000", "\u2028line separator\u2029paragraph")),
                others);
        assertTrue(cut > 0);
    }

    @Test
    void lettersCasePunctuationAndRoomAreAsInTraining() {
        try (var tokenizer = WordTokenizer.siglip(SIGLIP, 16)) {
            var plain = tokenizer.encode("a photo of two cats");
            assertArrayEquals(
                    plain.ids(), tokenizer.encode("  A Photo, of:\ttwo CATS!\n").ids());
            assertEquals(0, plain.lost());
            var none = tokenizer.encode("");
            assertTrue(Arrays.stream(none.ids()).allMatch(id -> id == 1));
            assertEquals(1, Arrays.stream(none.mask()).sum());
            var many = tokenizer.encode("cats ".repeat(100));
            assertEquals(16, many.ids().length);
            assertEquals(1, many.ids()[15]);
            assertTrue(many.ids()[14] != 1);
            assertTrue(many.lost() > 80);
        }
    }

    @Test
    void aFileThatIsNoneIsRefused() throws IOException {
        assertThrows(TillerException.class, () -> WordTokenizer.siglip(folder, LENGTH));
        for (var text : new String[] {"{", "[]", "{\"added_tokens\": [{\"id\": 1, \"content\": \"<eos>\"}]}"}) {
            Files.writeString(folder.resolve("tokenizer.json"), text);
            var e = assertThrows(TillerException.class, () -> WordTokenizer.siglip(folder, LENGTH), text);
            assertTrue(e.getMessage().contains("tokenizer"), e.getMessage());
        }
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(Files.readString(file));
    }
}
