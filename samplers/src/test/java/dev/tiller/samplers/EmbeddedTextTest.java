// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.nn.clip.ClipTextModel;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The text side of the embedded model, read like that of any checkpoint. */
class EmbeddedTextTest {
    private static final Path MODEL = Path.of("src/main/resources/models/scenes-v1");
    private static final int BOS = 643;
    private static final int EOS = 644;

    /** Prompts and their tokens by transformers' CLIPTokenizer, without begin, end and padding. */
    private static final Map<String, long[]> REFERENCE = Map.of(
            "a red circle above a blue square", new long[] {320, 545, 584, 530, 320, 560, 589},
            "two green triangles and a yellow star", new long[] {536, 557, 627, 519, 320, 554, 597},
            "", new long[0],
            "a photo of a cat \uD83D\uDC31", new long[] {320, 516, 517, 320, 66, 64, 339, 172, 253, 238, 365});

    private static final String TOO_LONG = "  RED   Circle left of three large purple crosses and then some more words"
            + " until there is no room left for any of them at all";

    @TempDir
    Path folder;

    @Test
    void promptsHaveTheTokensOfTheReferenceFromEitherKindOfFiles() throws IOException {
        for (var file : new String[] {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
            Files.copy(MODEL.resolve("tokenizer").resolve(file), folder.resolve(file));
        }
        for (var tokenizer :
                new ClipTokenizer[] {ClipTokenizer.load(MODEL.resolve("tokenizer")), ClipTokenizer.load(folder)}) {
            try (tokenizer) {
                assertEquals(24, tokenizer.length());
                REFERENCE.forEach((prompt, words) -> {
                    var expected = new long[24];
                    Arrays.fill(expected, EOS);
                    expected[0] = BOS;
                    System.arraycopy(words, 0, expected, 1, words.length);
                    assertArrayEquals(expected, tokenizer.encode(prompt).ids(), prompt);
                    assertEquals(0, tokenizer.encode(prompt).lost());
                });
                assertEquals(36, tokenizer.encode(TOO_LONG).lost());
            }
        }
    }

    @Test
    void theTextEncoderReadsWhatTheTokenizerWrites() {
        try (var scope = Scope.open();
                var tokenizer = ClipTokenizer.load(MODEL.resolve("tokenizer"));
                var encoder = ClipTextModel.load(MODEL.resolve("text_encoder"), DType.FLOAT32, Device.CPU)) {
            assertEquals(tokenizer.length(), encoder.length());
            var red = tokenizer.encode("a red circle").ids();
            var blue = tokenizer.encode("a blue circle").ids();
            var states = encoder.states(scope.adopt(Tensor.of(concat(red, blue), 2, 24)), 0);
            assertArrayEquals(new long[] {2, 24, encoder.width()}, states.shape());
            // Equal up to the colour, which is the third token, and different from there on.
            assertTrue(distance(states, 0, 2) < 1e-4);
            assertTrue(distance(states, 2, 24) > 1);
        }
        assertEquals(0, Tensor.alive());
    }

    private static long[] concat(long[] a, long[] b) {
        var both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** Euclidean distance of both rows' states at some tokens. */
    private static double distance(Tensor states, int from, int to) {
        var part = states.slice(1, from, to);
        var squares = part.rows(0, 1).minus(part.rows(1, 2)).square().sum().toDoubles();
        return Math.sqrt(squares[0]);
    }
}
