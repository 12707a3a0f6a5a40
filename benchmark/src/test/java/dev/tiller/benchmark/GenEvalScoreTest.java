// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.benchmark.GenEvalScore.ImageVerdict;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenEvalScoreTest {
    private static final String DOG =
            "{\"tag\": \"single_object\", \"include\": [{\"class\": \"dog\", \"count\": 1}], \"prompt\": \"a dog\"}";
    private static final String DOGS = "{\"tag\": \"counting\", \"include\": [{\"class\": \"dog\", \"count\": 2}],"
            + " \"exclude\": [{\"class\": \"dog\", \"count\": 3}], \"prompt\": \"two dogs\"}";

    @TempDir
    Path temp;

    private Suite suite() throws IOException {
        return Suite.withRules("test", Files.writeString(temp.resolve("suite.jsonl"), DOG + "\n" + DOGS + "\n"));
    }

    private List<ImageVerdict> verdicts(String... lines) throws IOException {
        var file = Files.write(temp.resolve("detections.jsonl"), List.of(lines));
        return GenEvalScore.judge(suite(), DetectionFile.read(file, 2));
    }

    private static String image(int prompt, int image, double... scores) {
        var detections = new ArrayList<String>();
        for (double score : scores) {
            detections.add("{\"class\": \"dog\", \"score\": " + score + ", \"box\": [0, 0, 10, 10]}");
        }
        return "{\"prompt_index\": " + prompt + ", \"image\": \"%04d.png\", \"detections\": [".formatted(image)
                + String.join(",", detections) + "]}";
    }

    @Test
    void theScoreIsTheMeanOverTagsOfTheMeanOverImages() throws IOException {
        var verdicts = verdicts(
                image(0, 0, 0.31), image(0, 1, 0.3), image(1, 0, 0.95, 0.91), image(1, 1, 0.95, 0.91, 0.93, 0.5));
        assertEquals(
                List.of(true, false, true, false),
                verdicts.stream().map(ImageVerdict::correct).toList());
        assertEquals("fewer than 3 × dog asked for, 3 found", verdicts.get(3).reason());
        var score = GenEvalScore.of(suite(), verdicts, null, false);
        assertEquals(Map.of("single_object", 0.5, "counting", 0.5), score.tags());
        assertEquals(0.5, score.overall());
        assertEquals(1, score.overallAnyOf());
        assertEquals(4, score.images());
        assertEquals(0.5, score.lowest());
        assertEquals(0.5, score.highest());
    }

    @Test
    void classesThatNothingWasFoundOfAreNamed() throws IOException {
        var named = Files.write(temp.resolve("detections.jsonl"), List.of(image(0, 0, 0.1), image(1, 0, 0.2)));
        assertEquals(List.of(), GenEvalScore.neverFound(suite(), DetectionFile.read(named, 2)));
        var otherwise = Files.write(
                temp.resolve("detections.jsonl"), List.of(image(0, 0, 0.9).replace("dog", "Dog")));
        assertEquals(List.of("dog"), GenEvalScore.neverFound(suite(), DetectionFile.read(otherwise, 2)));
    }

    @Test
    void incompleteSetsAreRefusedOrReportedWithBounds() throws IOException {
        var lacking = verdicts(image(0, 0, 0.9), image(0, 1));
        var e = assertThrows(TillerException.class, () -> GenEvalScore.of(suite(), lacking, null, false));
        assertTrue(e.getMessage().contains("2 of 4 images are missing"), e.getMessage());
        assertTrue(e.getMessage().contains("for prompt 1"), e.getMessage());
        var score = GenEvalScore.of(suite(), lacking, null, true);
        assertEquals(2, score.missing());
        assertEquals(0.25, score.lowest());
        assertEquals(0.75, score.highest());
        var uneven = verdicts(image(0, 0), image(0, 1), image(1, 0));
        assertThrows(TillerException.class, () -> GenEvalScore.of(suite(), uneven, null, false));
        var few = verdicts(image(0, 0), image(1, 0));
        assertEquals(2, GenEvalScore.of(suite(), few, null, false).images());
        assertThrows(TillerException.class, () -> GenEvalScore.of(suite(), few, 4, false));
        assertThrows(TillerException.class, () -> GenEvalScore.of(suite(), List.of(), 0, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": []} {\"prompt_index\": 1, \"image\": \"0001.png\", \"detections\": []}",
                "{\"prompt_index\": 1, \"prompt_index\": 0, \"image\": \"0000.png\", \"detections\": []}",
                "{\"image\": \"0000.png\", \"detections\": []}",
                "{\"prompt_index\": -1, \"image\": \"0000.png\", \"detections\": []}",
                "{\"prompt_index\": 2, \"image\": \"0000.png\", \"detections\": []}",
                "{\"prompt_index\": 1.5, \"image\": \"0000.png\", \"detections\": []}",
                "{\"prompt_index\": 0, \"image\": 3, \"detections\": []}",
                "{\"prompt_index\": 0, \"image\": \"0000.png\", \"detections\": []}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\"}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": [{\"score\": 1, \"box\": [0, 0, 1, 1]}]}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": [{\"class\": \"dog\", \"box\": [0, 0, 1, 1]}]}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": [{\"class\": \"dog\", \"score\": 1, \"box\": [0, 0, 1]}]}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": [{\"class\": \"dog\", \"score\": 1, \"box\": [0, 0, 1, \"x\"]}]}",
                "{\"prompt_index\": 1, \"image\": \"0000.png\", \"detections\": [{\"class\": \"dog\", \"score\": 1, \"box\": [0, 0, 1, 1], \"color\": 1}]}"
            })
    void badLinesAreRefusedByNumber(String line) throws IOException {
        var file = Files.write(temp.resolve("detections.jsonl"), List.of("", image(0, 0), line));
        var e = assertThrows(TillerException.class, () -> DetectionFile.read(file, 2));
        assertTrue(e.getMessage().contains(", line 3 "), e.getMessage());
    }

    /** As Python writes what is no number, and what a broken pipe leaves; a parser's own switches help nobody. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"prompt_index\": 0, \"score\": NaN}", "{\"prompt_index\": 0, \"image\": \"0000.png\""})
    void linesThatAreNoJsonAreRefusedInWordsForAUser(String line) throws IOException {
        var file = Files.write(temp.resolve("detections.jsonl"), List.of(line));
        var e = assertThrows(TillerException.class, () -> DetectionFile.read(file, 2));
        assertTrue(e.getMessage().matches(".*, line 1 is not valid JSON: [^`]*[^:`]\\."), e.getMessage());
    }
}
