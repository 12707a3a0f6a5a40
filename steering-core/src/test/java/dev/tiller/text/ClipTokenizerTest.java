// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipTokenizerTest {
    private static final Path CLIP = Path.of("src/test/resources/golden/tokenizers/clip");

    @TempDir
    Path folder;

    @Test
    void everyPromptOfTheReferenceHasItsTokens() {
        var report = new Parity(List.of(new ClipTokenizerParity())).over(List.of(CLIP));
        assertEquals(3, report.count(Status.PASS), report.table());
        assertEquals(0, report.count(Status.FAIL), report.table());
        assertEquals(2, report.count(Status.NOT_SUPPORTED), report.table());
    }

    @Test
    void theCaseIsFoundOnTheClassPath() {
        assertTrue(Parity.run(List.of(CLIP)).passed());
    }

    @Test
    void whatHasNoRoomIsCounted() {
        try (var tokenizer = ClipTokenizer.load(CLIP)) {
            var fits = tokenizer.encode("cat ".repeat(75));
            var one = tokenizer.encode("cat ".repeat(76));
            assertEquals(0, fits.lost());
            assertEquals(1, one.lost());
            assertArrayEquals(fits.ids(), one.ids());
            assertEquals(tokenizer.eos(), one.ids()[76]);
            assertEquals(77, Arrays.stream(one.mask()).sum());
            assertEquals(10_000 - 75, tokenizer.encode("1".repeat(10_000)).lost());
        }
    }

    @Test
    void anythingThatJavaCallsTextHasTokens() {
        try (var tokenizer = ClipTokenizer.load(CLIP)) {
            var replaced = tokenizer.encode("a \uFFFD cat").ids();
            assertArrayEquals(replaced, tokenizer.encode("a \uD83D cat").ids());
            assertArrayEquals(replaced, tokenizer.encode("a \uDC31 cat").ids());
            assertFalse(Arrays.equals(
                    replaced, tokenizer.encode("a \uD83D\uDC31 cat").ids()));
            assertEquals(0, tokenizer.encode("\0").lost());
            assertTrue(tokenizer.encode("\uD83D\uDC31".repeat(5000)).lost() > 1000);
            assertEquals(2, Arrays.stream(tokenizer.encode("").mask()).sum());
        }
    }

    /** A tokenizer of three words, in a folder to be damaged. */
    private Path small() throws IOException {
        write(
                "vocab.json",
                "{\"a\": 0, \"b\": 1, \"a</w>\": 2, \"b</w>\": 3, \"ab</w>\": 4, "
                        + "\"<|startoftext|>\": 5, \"<|endoftext|>\": 6}");
        write("merges.txt", "#version: 0.2\na b</w>\n");
        write("tokenizer_config.json", "{\"model_max_length\": 6, \"pad_token\": {\"content\": \"a\"}}");
        return folder;
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void theFolderSaysLengthAndPadding() throws IOException {
        try (var tokenizer = ClipTokenizer.load(small())) {
            assertEquals(6, tokenizer.length());
            assertArrayEquals(
                    new long[] {5, 4, 3, 6, 0, 0}, tokenizer.encode("AB  b").ids());
            assertArrayEquals(
                    new long[] {1, 1, 1, 1, 0, 0}, tokenizer.encode("AB  b").mask());
        }
        try (var other = ClipTokenizer.load(folder, "b")) {
            assertArrayEquals(new long[] {5, 4, 6, 1, 1, 1}, other.encode("ab").ids());
        }
        write("tokenizer_config.json", "{\"model_max_length\": 1e30}");
        write("special_tokens_map.json", "{\"pad_token\": \"b\"}");
        try (var tokenizer = ClipTokenizer.load(folder)) {
            assertEquals(77, tokenizer.length());
            assertEquals(1, tokenizer.pad());
        }
    }

    /** As transformers 5.23 reads the same two kinds of folders; without the word, its letters are eight tokens. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "added_tokens.json     ~ {\"<cat-toy>\": 49408}",
                "tokenizer_config.json ~ {\"pad_token\": \"!\", \"added_tokens_decoder\": {\"49408\": {\"content\": "
                        + "\"<cat-toy>\", \"lstrip\": false, \"normalized\": true, \"rstrip\": false, "
                        + "\"single_word\": false, \"special\": false}, \"0\": {\"content\": \"!\", \"special\": true}}}",
            })
    void wordsThatWereTaughtAreTokens(String file, String text) throws IOException {
        Files.copy(CLIP.resolve("vocab.json"), folder.resolve("vocab.json"));
        Files.copy(CLIP.resolve("merges.txt"), folder.resolve("merges.txt"));
        write(file, text);
        try (var tokenizer = ClipTokenizer.load(folder)) {
            assertTokens(tokenizer, "a photo of <cat-toy> on <cat-toy>s", 320, 1125, 539, 49408, 525, 49408, 338);
            assertTokens(tokenizer, "A <CAT-TOY>,<cat-toy>!", 320, 49408, 267, 49408, 256);
            assertTokens(tokenizer, "x<cat-toy>y  <cat-toy>  z", 343, 49408, 344, 49408, 345);
        }
    }

    private static void assertTokens(ClipTokenizer tokenizer, String prompt, long... words) {
        var tokens = tokenizer.encode(prompt);
        int kept = (int) Arrays.stream(tokens.mask()).sum();
        assertArrayEquals(words, Arrays.copyOfRange(tokens.ids(), 1, kept - 1), prompt);
    }

    /** The files of SD2.x disagree about padding. */
    @Test
    void theSpecialTokensMapGoesUnlessItIsACopy() throws IOException {
        small();
        write("special_tokens_map.json", "{\"pad_token\": \"b\"}");
        try (var tokenizer = ClipTokenizer.load(folder)) {
            assertEquals(1, tokenizer.pad());
        }
        write("tokenizer_config.json", "{\"pad_token\": \"a\", \"added_tokens_decoder\": {}}");
        try (var tokenizer = ClipTokenizer.load(folder)) {
            assertEquals(0, tokenizer.pad());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "vocab.json            ~ {\"a\": 1,                 ~ not valid JSON",
                "vocab.json            ~ [1]                        ~ not a JSON object",
                "vocab.json            ~ ``                         ~ not a JSON object",
                "vocab.json            ~ {}                         ~ no vocabulary",
                "vocab.json            ~ {\"a\": \"x\"}             ~ no number",
                "vocab.json            ~ {\"a\": 0}                 ~ special token",
                "merges.txt            ~ a b c                      ~ no list of merges",
                "merges.txt            ~ b a                        ~ do not fit together",
                "tokenizer_config.json ~ {\"model_max_length\": -1} ~ model_max_length",
                "tokenizer_config.json ~ {\"pad_token\": \"x\"}     ~ special token 'x'",
                "tokenizer_config.json ~ nonsense                   ~ not valid JSON",
                "tokenizer_config.json ~ {\"padding_side\": \"left\"}    ~ padding_side = \"left\" is not supported",
                "tokenizer_config.json ~ {\"truncation_side\": \"left\"} ~ truncation_side = \"left\" is not supported",
                "tokenizer_config.json ~ {\"split_special_tokens\": true} ~ split_special_tokens = true",
                "added_tokens.json     ~ {\"c\": \"x\"}             ~ no number",
                "tokenizer.json        ~ {\"model\": {\"type\": \"Unigram\"}} ~ not CLIP's kind",
                "tokenizer.json        ~ {\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": "
                        + "{\"a\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}}} ~ do not fit together",
                "tokenizer.json        ~ {\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": "
                        + "7}} ~ no vocabulary",
                "tokenizer.json        ~ {\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\", \"vocab\": "
                        + "{\"a\": 0}}, \"added_tokens\": {\"b\": 1}} ~ added_tokens must be a list",
            })
    void aDamagedFileIsOneSentence(String file, String text, String says) throws IOException {
        small();
        write(file, text);
        var e = assertThrows(
                TillerException.class, () -> ClipTokenizer.load(folder).close());
        assertTrue(String.valueOf(e.getMessage()).contains(says), e.getMessage());
        assertFalse(String.valueOf(e.getMessage()).contains("\n"), e.getMessage());
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(small().resolve("merges.txt"));
        var e = assertThrows(
                TillerException.class, () -> ClipTokenizer.load(folder).close());
        assertTrue(String.valueOf(e.getMessage()).contains("merges.txt"), e.getMessage());
        var missing = folder.resolve("missing");
        assertThrows(TillerException.class, () -> ClipTokenizer.load(missing).close());
    }
}
