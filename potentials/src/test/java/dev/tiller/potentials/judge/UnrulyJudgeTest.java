// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge that does not end its answers, or does not say what they cost. */
class UnrulyJudgeTest {
    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** The headers come at once, and the body never. */
    @Test
    void anAnswerThatDoesNotEndIsLate() {
        server.createContext("/", exchange -> {
            begin(exchange, 100);
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(asked().contains("no answer"), "not said");
    }

    /** A body without end. */
    @Test
    void anAnswerThatIsTooLongIsCutOff() {
        server.createContext("/", exchange -> {
            begin(exchange, 0);
            var filler = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            try {
                while (over.getCount() > 0) {
                    exchange.getResponseBody().write(filler);
                }
            } catch (IOException e) {
                exchange.close(); // whoever asked has hung up
            }
        });
        assertTrue(asked().contains("no answer"), "not said");
    }

    /** One call is taken for what it was allowed to cost, so that the second would exceed the budget. */
    @Test
    void aBudgetInTokensHoldsWhereTheJudgeDoesNotCount() {
        server.createContext("/", exchange -> {
            var answer =
                    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"score\\\": 3, \\\"addressed\\\": false}\"}}]}"
                            .getBytes(StandardCharsets.US_ASCII);
            begin(exchange, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        var warnings = new ArrayList<String>();
        try (var judge = judge(warnings, Map.of("tokens", "3000", "concurrency", "1"));
                var images = Drawn.images(SceneCategory.COLORS, 3)) {
            var e = assertThrows(TillerException.class, () -> judge.score(images));
            assertTrue(e.getMessage().contains("3000 tokens"), e.getMessage());
            assertEquals(1, judge.cost().judgeCalls());
            assertTrue(judge.cost().judgeTokens() > 1000, judge.cost().toString());
        }
    }

    private static void begin(HttpExchange exchange, long length) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, length);
        exchange.getResponseBody().flush();
    }

    private String asked() {
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            try (var judge = judge(warnings, Map.of("timeout", "1"));
                    var images = Drawn.images(SceneCategory.COLORS, 1)) {
                assertTrue(Double.isNaN(judge.score(images)[0]));
            }
        });
        return warnings.toString();
    }

    private Reward<Images> judge(List<String> warnings, Map<String, String> more) {
        var options = new HashMap<>(more);
        options.put("url", "http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
        options.put("cache", folder.toString());
        options.put("retries", "0");
        return new JudgeProvider(Map.of())
                .create(new RewardRequest("a red circle", options, name -> folder, "cpu", warnings::add));
    }
}
