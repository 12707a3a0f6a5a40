// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key is sent to its own host, and is found nowhere else: the canary. */
class KeysTest {
    private static final String CANARY = "sk-canary-4711";

    @TempDir
    Path folder;

    private final List<HttpServer> servers = new ArrayList<>();
    private final List<String> sent = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        servers.forEach(s -> s.stop(0));
    }

    @Test
    void aKeyBelongsToItsHost() throws IOException {
        var file = Files.writeString(folder.resolve("keys"), "a.example first\n# b.example\nb.example second\n");
        var keys = new Keys(Map.of("TILLER_KEY_C_EXAMPLE_COM", "third", "TILLER_KEYS", file.toString()));
        assertEquals(Optional.of("first"), keys.of(URI.create("https://a.example/v1")));
        assertEquals(Optional.of("second"), keys.of(URI.create("https://B.example/v1")));
        assertEquals(Optional.of("third"), keys.of(URI.create("https://c.example.com:8443/v1")));
        assertEquals(Optional.empty(), keys.of(URI.create("https://evil.a.example/v1")));
        assertEquals(Optional.empty(), keys.of(URI.create("https://a.example.evil/v1")));
        // Whoever owns c-example.com, or c.example-com, must not be sent what c.example.com is to be told.
        assertEquals(Optional.empty(), keys.of(URI.create("https://c-example.com/v1")));
        assertEquals(Optional.empty(), keys.of(URI.create("https://c-example-com/v1")));
        var hyphen = new Keys(Map.of("TILLER_KEY_C__EXAMPLE_COM", "fourth"));
        assertEquals(Optional.of("fourth"), hyphen.of(URI.create("https://c-example.com/v1")));
        assertEquals(Optional.empty(), hyphen.of(URI.create("https://c.example.com/v1")));
        var e = assertThrows(TillerException.class, () -> keys.of(URI.create("http://a.example/v1")));
        assertFalse(e.getMessage().contains("first"));
    }

    /** The server says the key back in every way that it can. */
    @Test
    void theCanaryIsInNoOutput() throws IOException {
        var outputs = new StringBuilder();
        for (int code : new int[] {200, 400, 401, 404, 429, 500}) {
            int port = serve(code, null);
            var warnings = Collections.synchronizedList(new ArrayList<String>());
            var provider = new JudgeProvider(Map.of("TILLER_KEY_127_0_0_1", CANARY));
            var options = Map.of(
                    "url",
                    "http://127.0.0.1:" + port + "/v1",
                    "cache",
                    folder.resolve("cache").toString(),
                    "retries",
                    "1",
                    "backoff",
                    "0.01");
            var request = new RewardRequest("a red circle", options, name -> folder, "cpu", warnings::add);
            try (var judge = provider.create(request);
                    var images = Drawn.images(SceneCategory.COLORS, 2)) {
                for (double value : judge.score(images)) {
                    outputs.append(value).append('\n');
                }
                outputs.append(judge.info()).append(judge.cost());
            } catch (TillerException e) {
                for (Throwable t = e; t != null; t = t.getCause()) {
                    outputs.append(t).append('\n');
                }
            }
            outputs.append(warnings).append(request);
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                outputs.append(file).append(Files.readString(file));
            }
        }
        assertTrue(outputs.toString().contains("***"), "nothing was said back");
        assertFalse(outputs.toString().contains(CANARY), outputs.toString());
        assertTrue(sent.stream().allMatch(("Bearer " + CANARY)::equals) && sent.size() >= 6, sent.toString());
    }

    @Test
    void aRedirectDoesNotTakeTheKeyAlong() throws IOException {
        int other = serve(200, null);
        int port = serve(302, "http://localhost:" + other + "/v1/chat/completions");
        var provider = new JudgeProvider(Map.of("TILLER_KEY_127_0_0_1", CANARY));
        var options = Map.of("url", "http://127.0.0.1:" + port + "/v1", "cache", folder.toString(), "retries", "0");
        try (var judge = provider.create(new RewardRequest("a red circle", options, n -> folder, "cpu", w -> {}));
                var images = Drawn.images(SceneCategory.COLORS, 1)) {
            assertTrue(Double.isNaN(judge.score(images)[0]));
        }
        assertEquals(1, sent.size());
    }

    private int serve(int code, String location) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                var key = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
                sent.add(key);
                if (location != null) {
                    exchange.getResponseHeaders().set("Location", location);
                }
                var text = code == 200
                        ? "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" + key + "\"}}]}"
                        : "{\"error\":{\"message\":\"" + key + "\"}}";
                var bytes = text.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(code, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }
}
