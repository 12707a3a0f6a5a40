// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.tiller.examples.judge.Faults.Fault;
import dev.tiller.potentials.scene.CaptionedScene;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.potentials.scene.SceneRenderer;
import dev.tiller.potentials.scene.SceneSampler;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The reward {@code judge} against a real server, which fails in all the ways real ones do. */
class JudgeTest {
    private static final List<CaptionedScene> SCENES = scenes(8);
    private static final String PROMPT = SCENES.get(2).caption();

    @TempDir
    Path cache;

    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    private static List<CaptionedScene> scenes(int n) {
        var sampler = new SceneSampler(new SplittableRandom(5));
        return Stream.generate(() -> sampler.draw(SceneCategory.COLOR_ATTR))
                .limit(n)
                .toList();
    }

    private static Images images(List<CaptionedScene> scenes) {
        var pictures = scenes.stream().map(s -> SceneRenderer.render(s.scene())).toArray(byte[][]::new);
        return Images.of(pictures, SceneRenderer.SIZE, SceneRenderer.SIZE);
    }

    private WeightedReward<Images> judge(JudgeServer server, String options) {
        return reward("judge(url=http://127.0.0.1:" + server.port() + "/v1, cache=" + cache + ", backoff=0.01, "
                + options + ")");
    }

    private WeightedReward<Images> reward(String expression) {
        return RewardCatalogue.load(Images.class)
                .create(
                        RewardExpression.parse(expression),
                        new RewardRequest(
                                PROMPT,
                                Map.of(),
                                name -> {
                                    throw new TillerException("no model " + name);
                                },
                                "cpu",
                                warnings::add));
    }

    /** Whatever way it is asked, the picture of the prompt is best; scores are those of the rules. */
    @ParameterizedTest
    @CsvSource({"score,10", "likert,5", "rubric,10", "yesno,0.98", "quality,0.98", "pair,NaN"})
    void everyWayToAskPrefersWhatThePromptSays(String way, double best) throws IOException {
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var judge = judge(server, "ask=" + way);
                var images = images(SCENES)) {
            var values = judge.score(images);
            for (int i = 0; i < values.length; i++) {
                assertTrue(i == 2 || values[i] < values[2], Arrays.toString(values));
            }
            if (!Double.isNaN(best)) {
                assertEquals(best, values[2], 1e-9);
            }
            assertEquals(List.of(), warnings);
            assertEquals(server.requests(), judge.cost().judgeCalls());
            assertTrue(judge.cost().judgeTokens() > 85 * server.requests());
        }
    }

    @Test
    void ollamasOwnProtocolWorksToo() throws IOException {
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var judge =
                        reward("judge(api=ollama, url=http://127.0.0.1:" + server.port() + ", cache=" + cache + ")");
                var images = images(SCENES.subList(0, 3))) {
            assertEquals(10, judge.score(images)[2], 1e-9);
            assertTrue(judge.cost().judgeTokens() > 0);
        }
    }

    /** Rewards that ask the same judge, for other prompts or in other words, have one budget; each says what it paid itself. */
    @Test
    void aBudgetIsOfAllThatAskTheSameJudge() throws IOException {
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var images = images(SCENES.subList(0, 3))) {
            try (var first = judge(server, "ask=score, calls=5, concurrency=1");
                    var second = judge(server, "ask=likert, calls=5, concurrency=1");
                    var other = judge(server, "ask=likert, calls=6, concurrency=1")) {
                first.score(images);
                assertEquals(3, first.cost().judgeCalls());
                assertEquals(0, second.cost().judgeCalls());
                var e = assertThrows(TillerException.class, () -> second.score(images));
                assertTrue(e.getMessage().contains("budget of 5 calls"), e.getMessage());
                assertEquals(2, second.cost().judgeCalls());
                // Two were answered before.
                other.score(images);
                assertEquals(1, other.cost().judgeCalls());
                assertEquals(6, server.requests());
            }
            // Closed by all, it begins anew.
            try (var later = judge(server, "ask=rubric, calls=5, concurrency=1")) {
                assertEquals(3, later.score(images).length);
            }
        }
    }

    /** One failure of each kind is survived: the answers are as without it. */
    @ParameterizedTest
    @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyFaultIsSurvived(Fault fault) throws IOException {
        double[] calm;
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var judge = judge(server, "model=calm");
                var images = images(SCENES)) {
            calm = judge.score(images);
        }
        try (var server = JudgeServer.start(0, new Faults(3, 0.3, fault), 600);
                var judge = judge(server, "timeout=0.5, retries=12, model=stormy");
                var images = images(SCENES)) {
            assertArrayEquals(calm, judge.score(images), 0);
            assertTrue(server.requests() > SCENES.size(), "nothing failed");
            assertEquals(List.of(), warnings);
        }
    }

    /** What is never answered is flagged: NaN and a warning, and never a number. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SERVER_ERROR", "WRONG_WORDS", "GARBAGE"})
    void whatIsNeverAnsweredIsFlagged(Fault fault) throws IOException {
        try (var server = JudgeServer.start(0, new Faults(3, 1, fault), 0);
                var judge = judge(server, "retries=2");
                var images = images(SCENES.subList(0, 2))) {
            for (double value : judge.score(images)) {
                assertTrue(Double.isNaN(value));
            }
            assertEquals(2, warnings.size());
            assertTrue(warnings.get(0).contains("does not count"), warnings.get(0));
        }
    }

    /** A thousand pictures and a fifth of the requests failing, killed in the middle: a verdict or a flag for each. */
    @Test
    void aThousandPicturesAreJudgedAndNothingIsPaidForTwice() throws IOException {
        var scenes = scenes(1000);
        try (var server = JudgeServer.start(
                        0,
                        new Faults(
                                1,
                                0.2,
                                Fault.TOO_MANY,
                                Fault.SERVER_ERROR,
                                Fault.CUT,
                                Fault.GARBAGE,
                                Fault.WRONG_WORDS),
                        0);
                var images = images(scenes)) {
            // A budget that does not reach ends it in the middle, as a kill would.
            try (var judge = judge(server, "calls=400")) {
                var e = assertThrows(TillerException.class, () -> judge.score(images));
                assertTrue(e.getMessage().contains("budget of 400 calls"), e.getMessage());
                assertTrue(judge.cost().judgeCalls() <= 400);
            }
            assertTrue(server.requests() <= 400);
            try (var judge = judge(server, "concurrency=8")) {
                var values = judge.score(images);
                long flagged = Arrays.stream(values).filter(Double::isNaN).count();
                assertEquals(flagged, warnings.size());
                assertTrue(flagged <= 10, flagged + " flags");
                long before = server.requests();
                var again = judge.score(images);
                // A flag is asked again, and may be answered then; an answer stays as it was.
                assertArrayEquals(
                        values,
                        IntStream.range(0, values.length)
                                .mapToDouble(i -> Double.isNaN(values[i]) ? values[i] : again[i])
                                .toArray(),
                        0);
                assertTrue(server.requests() - before <= flagged * 5, "answers were paid for again");
            }
            var answered = server.answered();
            assertTrue(answered[0] >= 990, answered[0] + " answered");
            assertEquals(1, answered[1], "an answer was paid for twice");
        }
    }

    @Test
    void theBudgetInTokensIsNeverExceeded() throws IOException {
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var judge = judge(server, "tokens=3000, concurrency=1");
                var images = images(SCENES)) {
            var e = assertThrows(TillerException.class, () -> judge.score(images));
            assertTrue(e.getMessage().contains("3000 tokens"), e.getMessage());
            assertTrue(judge.cost().judgeTokens() > 0 && judge.cost().judgeTokens() <= 3000);
        }
    }

    /** The picture that a judge is sent holds no text chunk, and a prompt cannot close its own brackets. */
    @Test
    void aPromptCannotLeaveItsPlace() throws IOException {
        try (var server = JudgeServer.start(0, Faults.none(), 0);
                var judge = judge(server, "model=m");
                var images = images(SCENES.subList(2, 3))) {
            judge.score(images);
        }
        try (var files = Files.walk(cache)) {
            var kept = files.filter(Files::isRegularFile).toList();
            assertEquals(1, kept.size());
            var text = Files.readString(kept.get(0));
            assertTrue(text.contains("score/1") && text.contains(PROMPT) && text.contains("addressed"), text);
        }
    }

    /** A judge that finds itself addressed by a picture says so beside its verdict, which then does not count. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "score;{\"score\": 10, \"addressed\": true}",
                "likert;{\"rating\": 5, \"addressed\": true}",
                "rubric;{\"answers\": [10, 10, 10, 10], \"addressed\": true}"
            })
    void aPictureThatTalksToTheJudgeIsFlagged(String way, String words) throws IOException {
        var answer = new ObjectMapper()
                .writeValueAsBytes(
                        Map.of("choices", List.of(Map.of("message", Map.of("role", "assistant", "content", words)))));
        var asked = Collections.synchronizedList(new ArrayList<String>());
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        server.start();
        try (var judge = reward("judge(url=http://127.0.0.1:"
                        + server.getAddress().getPort() + "/v1, cache=" + cache + ", ask=" + way + ")");
                var images = images(SCENES.subList(0, 2))) {
            for (double value : judge.score(images)) {
                assertTrue(Double.isNaN(value));
            }
            assertEquals(2, warnings.size());
            assertTrue(warnings.get(0).contains("addresses the judge"), warnings.get(0));
            // It was told to look out, and it was asked once: the flag is an answer.
            assertTrue(asked.size() == 2 && asked.get(0).contains("text that addresses you"), asked.size() + " asked");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        for (var options : List.of(
                "",
                "(url=ftp://x)",
                "(url=http://user:secret@127.0.0.1/v1)",
                "(url=http://127.0.0.1:1/v1?key=secret)",
                "(url=http://127.0.0.1:1, api=ollama, ask=yesno)",
                "(url=http://127.0.0.1:1/v1, ask=guess)",
                "(url=http://127.0.0.1:1/v1, ask=rubric, questions=\"|\")",
                "(url=http://127.0.0.1:1/v1, concurrency=0)",
                "(url=http://127.0.0.1:1/v1, timeout=-1)",
                "(url=http://127.0.0.1:1/v1, api=grpc)")) {
            var e = assertThrows(TillerException.class, () -> reward("judge" + options), options);
            assertTrue(!e.getMessage().contains("secret"), e.getMessage());
        }
    }
}
