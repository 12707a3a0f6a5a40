// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.potentials.scene.ScenePairs;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardsCommandTest {
    @TempDir
    Path folder;

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    @Test
    void theListSaysWhatEachNeeds() throws IOException {
        var list = new ObjectMapper()
                .readTree(tiller("rewards", "list", "--json").succeeds().out());
        var names = list.findValuesAsText("name");
        for (var name : new String[] {"clip", "hps", "pickscore", "imagereward", "aesthetic", "judge", "verifier"}) {
            assertTrue(names.contains(name), names.toString());
        }
        for (var reward : list) {
            if (reward.path("name").asText().equals("clip")) {
                assertTrue(reward.path("gradients").asBoolean());
                assertTrue(reward.path("needs").asText().contains("which is here"));
            }
            if (reward.path("name").asText().equals("verifier")) {
                assertFalse(reward.path("gradients").asBoolean());
            }
        }
        assertTrue(tiller("rewards", "list").succeeds().out().contains("imagereward: "));
    }

    @Test
    void theVerifierIsAlwaysRightAboutScenesAndClipMoreOftenThanNot() throws IOException {
        var measured = new ObjectMapper()
                .readTree(tiller(
                                "rewards",
                                "measure",
                                "scenes",
                                "--per-kind",
                                "10",
                                "--reward",
                                "clip",
                                "--reward",
                                "verifier",
                                "--json")
                        .succeeds()
                        .out());
        // At chance 30 of 60, deviation 3.9.
        assertTrue(measured.at("/rewards/0/accuracy").asDouble() > 0.7, measured.toString());
        assertEquals(1, measured.at("/rewards/1/accuracy").asDouble());
        assertEquals(60, measured.at("/rewards/1/count").asInt());
        assertEquals(6, measured.at("/rewards/0/categories").size());
        assertEquals(
                measured.at("/rewards/0/accuracy").asDouble(),
                measured.at("/rewards/1/agreement/clip").asDouble(),
                1e-9);
    }

    @Test
    void pairsAreReadFromAFile() throws IOException {
        var pair = ScenePairs.draw(1, 3).get(0);
        Files.write(folder.resolve("a.png"), Png.encode(new Picture(64, 64, pair.chosen()), Map.of()));
        Files.write(folder.resolve("b.png"), Png.encode(new Picture(64, 64, pair.rejected()), Map.of()));
        var file = folder.resolve("pairs.jsonl");
        var line = new ObjectMapper()
                .writeValueAsString(
                        Map.of("prompt", pair.prompt(), "chosen", "a.png", "rejected", "b.png", "category", "colour"));
        Files.writeString(file, line + "\n\n");
        var out = tiller("rewards", "measure", file.toString(), "--reward", "verifier")
                .succeeds()
                .out();
        assertTrue(out.contains("100.0 %") && out.contains("colour"), out);
        // As MJ-Bench has it: the label is the number of the better picture.
        var row = "{\"caption\": \"" + pair.prompt()
                + "\", \"image0\": \"b.png\", \"image1\": \"a.png\", \"label\": 1}\n";
        Files.writeString(file, row);
        out = tiller("rewards", "measure", file.toString(), "--reward", "verifier")
                .succeeds()
                .out();
        assertTrue(out.contains("100.0 %"), out);
        Files.writeString(file, row.replace("1}", "0}"));
        out = tiller("rewards", "measure", file.toString(), "--reward", "verifier")
                .succeeds()
                .out();
        assertTrue(out.contains(" 0.0 %"), out);
        Files.writeString(file, row.replace("1}", "2}"));
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "label 0 or 1");
        Files.writeString(file, "{\"prompt\": \"x\", \"chosen\": \"a.png\"}\n");
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "rejected");
        Files.writeString(file, line.replace("b.png", "c.png"));
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "c.png");
        tiller("rewards", "measure", "/no/such", "--reward", "verifier").fails(1, "does it exist");
        tiller("rewards", "measure", "scenes", "--reward", "nothing").fails(1, "no reward 'nothing'");
    }

    /** VL-RewardBench's rows: two texts of a picture, of which human_ranking puts the first or the second first. */
    @Test
    void pairsOfTextsAreReadFromAFile() throws IOException {
        var picture = ScenePairs.draw(1, 3).get(0);
        Files.write(folder.resolve("a.png"), Png.encode(new Picture(64, 64, picture.chosen()), Map.of()));
        var other = "a photo of four circles";
        var first =
                ("{\"id\": \"RLAIF-V-1\", \"query\": \"What is this?\", \"image\": \"a.png\", \"response\": [\"%s\", \"%s\"],"
                                + " \"human_ranking\": [0, 1], \"models\": [], \"query_source\": \"RLAIF-V\"}")
                        .formatted(picture.prompt(), other);
        var second = first.replace("[0, 1]", "[1, 0]").replace("\"RLAIF-V\"", "\"MathVerse\"");
        var file = folder.resolve("rows.jsonl");
        Files.writeString(file, first + "\n" + second + "\n");
        var measured = new ObjectMapper()
                .readTree(tiller("rewards", "measure", file.toString(), "--reward", "verifier", "--json")
                        .succeeds()
                        .out());
        assertEquals(1, measured.at("/rewards/0/categories/RLAIF-V/accuracy").asDouble(), measured.toString());
        assertEquals(0, measured.at("/rewards/0/categories/MathVerse/accuracy").asDouble(), measured.toString());
        assertEquals(2, measured.at("/rewards/0/count").asInt());
        Files.writeString(file, first.replace("[0, 1]", "[0, 0]"));
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "human_ranking");
        Files.writeString(file, first.replace(", \"" + other + "\"", ""));
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "two texts as");
        Files.writeString(file, first.replace("a.png", "c.png"));
        tiller("rewards", "measure", file.toString(), "--reward", "verifier").fails(1, "c.png");
    }

    /** Chosen pictures teach a taste, which is a reward at once. */
    @Test
    void aTasteIsTaughtAndUsed() throws IOException {
        var pairs = ScenePairs.draw(4, 3);
        var lines = new StringBuilder();
        for (int i = 0; i < pairs.size(); i++) {
            Files.write(
                    folder.resolve(i + "a.png"),
                    Png.encode(new Picture(64, 64, pairs.get(i).chosen()), Map.of()));
            Files.write(
                    folder.resolve(i + "b.png"),
                    Png.encode(new Picture(64, 64, pairs.get(i).rejected()), Map.of()));
            lines.append("{\"better\": \"" + i + "a.png\", \"worse\": \"" + i + "b.png\"}\n");
        }
        var file = Files.writeString(folder.resolve("pairs.jsonl"), lines).toString();
        var taste = folder.resolve("my-taste.json").toString();
        var taught = new ObjectMapper()
                .readTree(tiller("rewards", "teach", file, "--out", taste, "--json")
                        .succeeds()
                        .out());
        assertEquals(pairs.size(), taught.path("choices").asInt());
        assertTrue(taught.path("foretold").isNumber());
        var first = tiller("rewards", "teach", file, "--onto", taste, "--out", taste)
                .succeeds()
                .out();
        assertTrue(first.contains(2 * pairs.size() + " choices"), first);
        var scored = new ObjectMapper()
                .readTree(tiller(
                                "score",
                                folder.resolve("0a.png").toString(),
                                "--prompt",
                                "any",
                                "--reward",
                                "taste(file=" + taste + ")",
                                "--json")
                        .succeeds()
                        .out());
        assertTrue(scored.path("score").isNumber());
        assertTrue(scored.path("parts").toString().contains("doubt"), scored.toString());

        tiller("rewards", "teach", file, "--onto", taste, "--out", taste, "--model", "scenes-clip")
                .fails(1, "--onto");
        Files.writeString(folder.resolve("pairs.jsonl"), "{\"better\": \"0a.png\"}\n");
        tiller("rewards", "teach", file, "--out", taste).fails(1, "worse");
        Files.writeString(folder.resolve("pairs.jsonl"), "{\"better\": \"0a.png\", \"worse\": \"none.png\"}\n");
        tiller("rewards", "teach", file, "--out", taste).fails(1, "none.png");
        tiller("rewards", "teach", "/no/such", "--out", taste).fails(1, "does it exist");
        tiller("rewards", "teach", file).fails(2, "--out");
    }
}
