// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tiller.examples.judge.Faults.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A judge over HTTP for pictures of the scene world: the OpenAI-compatible {@code /v1/chat/completions} and Ollama's
 * {@code /api/chat}. It listens on this machine only. {@code --faults 0.2} makes a share of the requests fail;
 * {@code /count} tells what was asked and answered so far. A call with an {@code Idempotency-Key} is answered once and,
 * when it comes again, told the same.
 *
 * <pre>{@code
 * examples/judge-server/run.sh 8089 &
 * ./tiller run "a photo of three stars" --reward "judge(url=http://127.0.0.1:8089/v1)"
 * }</pre>
 */
public final class JudgeServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data:image/png;base64,";

    private final SceneModel model = new SceneModel();
    private final Faults faults;
    private final long slowMillis;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong requests = new AtomicLong();
    private final Map<Integer, AtomicLong> answered = new ConcurrentHashMap<>();
    /** What was answered to calls that had a name; whoever calls again by that name is told the same. */
    private final Map<String, SceneModel.Answer> byCall = new ConcurrentHashMap<>();

    private JudgeServer(int port, Faults faults, long slowMillis) throws IOException {
        this.faults = faults;
        this.slowMillis = slowMillis;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> handle(exchange, false));
        server.createContext("/api/chat", exchange -> handle(exchange, true));
        server.createContext("/count", this::count);
        server.start();
    }

    /**
     * Starts a server.
     *
     * @param port 0 for any free one
     * @param slowMillis how long a {@link Fault#SLOW} answer takes
     */
    public static JudgeServer start(int port, Faults faults, long slowMillis) throws IOException {
        return new JudgeServer(port, faults, slowMillis);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Requests so far, those that failed included. */
    public long requests() {
        return requests.get();
    }

    /** How many questions were answered in earnest, how often the one that was answered most, and all answers. */
    public long[] answered() {
        return new long[] {
            answered.size(),
            answered.values().stream().mapToLong(AtomicLong::get).max().orElse(0),
            answered.values().stream().mapToLong(AtomicLong::get).sum()
        };
    }

    /** {@link #requests} and {@link #answered} as JSON. */
    private void count(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answered = answered();
            var counts = JSON.createObjectNode()
                    .put("requests", requests())
                    .put("questions", answered[0])
                    .put("most", answered[1])
                    .put("answers", answered[2]);
            send(exchange, 200, counts.toString());
        }
    }

    private void handle(HttpExchange exchange, boolean ollama) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            var body = exchange.getRequestBody().readAllBytes();
            var fault = faults.next();
            switch (fault) {
                case SLOW -> pause();
                case TOO_MANY -> {
                    send(exchange, 429, "{\"error\":{\"message\":\"too many requests\"}}");
                    return;
                }
                case SERVER_ERROR -> {
                    send(
                            exchange,
                            500,
                            "you sent " + exchange.getRequestHeaders().getFirst("Authorization"));
                    return;
                }
                case CUT -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write("{\"choices\":".getBytes(StandardCharsets.UTF_8));
                    return; // closing with bytes missing cuts the line
                }
                case GARBAGE -> {
                    send(exchange, 200, "<html>not today</html>");
                    return;
                }
                case NONE, WRONG_WORDS -> {}
            }
            var request = JSON.readTree(body);
            var pictures = new ArrayList<byte[]>();
            var question = ollama ? ofOllama(request, pictures) : ofOpenAi(request, pictures);
            var call = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            int key = request.path("messages").hashCode();
            var answer = call == null
                    ? answer(question, pictures, key, fault)
                    : byCall.computeIfAbsent(call, c -> answer(question, pictures, key, fault));
            long read = question.length() / 4 + 85L * pictures.size();
            send(exchange, 200, (ollama ? ollama(answer, read) : openAi(answer, read)).toString());
        }
    }

    private SceneModel.Answer answer(String question, List<byte[]> pictures, int key, Fault fault) {
        if (fault == Fault.WRONG_WORDS) {
            return new SceneModel.Answer(faults.wrongWords(), Map.of());
        }
        answered.computeIfAbsent(key, k -> new AtomicLong()).incrementAndGet();
        return model.answer(question, pictures);
    }

    private static String ofOpenAi(JsonNode request, List<byte[]> pictures) {
        var text = new StringBuilder();
        for (var message : request.path("messages")) {
            text.append(message.path("content").asText());
            for (var part : message.path("content")) {
                text.append(part.path("text").asText());
                var url = part.path("image_url").path("url").asText();
                if (url.startsWith(DATA)) {
                    pictures.add(Base64.getDecoder().decode(url.substring(DATA.length())));
                }
            }
        }
        return text.toString();
    }

    private static String ofOllama(JsonNode request, List<byte[]> pictures) {
        var text = new StringBuilder();
        for (var message : request.path("messages")) {
            text.append(message.path("content").asText());
            message.path("images")
                    .forEach(image -> pictures.add(Base64.getDecoder().decode(image.asText())));
        }
        return text.toString();
    }

    private static ObjectNode openAi(SceneModel.Answer answer, long read) {
        long written = Math.max(1, answer.text().length() / 4);
        var root = JSON.createObjectNode()
                .put("id", "judge")
                .put("object", "chat.completion")
                .put("model", "scenes");
        var choice = root.putArray("choices").addObject().put("index", 0).put("finish_reason", "stop");
        choice.putObject("message").put("role", "assistant").put("content", answer.text());
        var words = answer.words();
        if (!words.isEmpty()) {
            var token = choice.putObject("logprobs").putArray("content").addObject();
            put(token, answer.text(), words.getOrDefault(answer.text(), 0.0));
            var top = token.putArray("top_logprobs");
            words.forEach((word, p) -> put(top.addObject(), word, p));
        }
        root.putObject("usage")
                .put("prompt_tokens", read)
                .put("completion_tokens", written)
                .put("total_tokens", read + written);
        return root;
    }

    private static void put(ObjectNode token, String word, double p) {
        token.put("token", word).put("logprob", Math.log(p));
    }

    private static ObjectNode ollama(SceneModel.Answer answer, long read) {
        var root = JSON.createObjectNode()
                .put("model", "scenes")
                .put("created_at", "2026-01-01T00:00:00Z")
                .put("done", true)
                .put("done_reason", "stop")
                .put("prompt_eval_count", read)
                .put("eval_count", Math.max(1, answer.text().length() / 4));
        root.putObject("message").put("role", "assistant").put("content", answer.text());
        return root;
    }

    private static void send(HttpExchange exchange, int code, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void pause() throws IOException {
        try {
            Thread.sleep(slowMillis);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** Port, and optionally {@code --faults SHARE}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8089;
        double share = args.length > 2 && args[1].equals("--faults") ? Double.parseDouble(args[2]) : 0;
        try (var server = start(port, new Faults(1, share, faultKinds()), 5_000)) {
            System.out.println("A judge of scenes listens at http://127.0.0.1:" + server.port() + "/v1");
            Thread.currentThread().join();
        }
    }

    /** Every way to fail. */
    public static Fault[] faultKinds() {
        return new Fault[] {Fault.SLOW, Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.CUT, Fault.GARBAGE, Fault.WRONG_WORDS
        };
    }
}
