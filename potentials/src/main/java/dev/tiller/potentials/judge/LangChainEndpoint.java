// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.tiller.run.TillerException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A judge behind the OpenAI-compatible chat API, or behind Ollama's own, by langchain4j. Bytes are sent, never URLs. */
final class LangChainEndpoint implements Endpoint {
    private static final int MOST_TOKENS = 300;
    private static final int ALTERNATIVES = 20;

    /** The header that names a call (draft-ietf-httpapi-idempotency-key-header); judges that do not know it ignore it. */
    private static final String NAME_OF_CALL = "Idempotency-Key";

    private static final ThreadLocal<Map<String, String>> HEADERS = ThreadLocal.withInitial(Map::of);

    private final String identity;
    private final ChatModel plain;
    private final ChatModel withLogprobs;
    private final Optional<String> key;

    private LangChainEndpoint(String identity, ChatModel plain, ChatModel withLogprobs, Optional<String> key) {
        this.identity = identity;
        this.plain = plain;
        this.withLogprobs = withLogprobs;
        this.key = key;
    }

    static LangChainEndpoint openAi(URI url, String model, Duration timeout, Optional<String> key) {
        return new LangChainEndpoint(
                url + " " + model,
                openAi(url, model, timeout, key, false),
                openAi(url, model, timeout, key, true),
                key);
    }

    private static ChatModel openAi(URI url, String model, Duration timeout, Optional<String> key, boolean logprobs) {
        var builder = OpenAiChatModel.builder()
                .httpClientBuilder(new BoundedHttpClient.Builder(timeout))
                .baseUrl(url.toString())
                .modelName(model)
                .temperature(0.0)
                .seed(0)
                .maxTokens(MOST_TOKENS)
                .timeout(timeout)
                .maxRetries(0)
                .customHeaders(HEADERS::get)
                .apiKey(key.orElse("none"));
        return (logprobs ? builder.logprobs(true).topLogprobs(ALTERNATIVES) : builder).build();
    }

    static LangChainEndpoint ollama(URI url, String model, Duration timeout) {
        var ollama = OllamaChatModel.builder()
                .httpClientBuilder(new BoundedHttpClient.Builder(timeout))
                .baseUrl(url.toString())
                .modelName(model)
                .temperature(0.0)
                .seed(0)
                .numPredict(MOST_TOKENS)
                .customHeaders(HEADERS::get)
                .timeout(timeout)
                .maxRetries(0)
                .build();
        return new LangChainEndpoint(url + " " + model, ollama, ollama, Optional.empty());
    }

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public Reply ask(Question question, String call) {
        HEADERS.set(Map.of(NAME_OF_CALL, call));
        var contents = new ArrayList<Content>();
        contents.add(TextContent.from(question.text()));
        for (var picture : question.pictures()) {
            contents.add(ImageContent.from(Base64.getEncoder().encodeToString(picture), "image/png"));
        }
        var request = ChatRequest.builder().messages(UserMessage.from(contents)).build();
        try {
            return reply((question.logprobs() ? withLogprobs : plain).chat(request));
        } catch (AuthenticationException | InvalidRequestException | ModelNotFoundException e) {
            throw new TillerException("The judge at " + identity + " refuses: " + said(e) + ".");
        } catch (RuntimeException e) {
            throw new Unavailable(
                    said(e), new IllegalStateException(e.getClass().getSimpleName()));
        } finally {
            HEADERS.remove();
        }
    }

    private Reply reply(ChatResponse response) {
        var text = response.aiMessage().text();
        if (text == null) {
            throw new Unavailable("an answer without text", new IllegalStateException("no text"));
        }
        Map<String, Double> first = new HashMap<>();
        if (response.metadata() instanceof OpenAiChatResponseMetadata metadata
                && metadata.logProbs() != null
                && !metadata.logProbs().isEmpty()) {
            var token = metadata.logProbs().get(0);
            first.put(token.token(), token.logprob());
            if (token.topLogprobs() != null) {
                token.topLogprobs().forEach(t -> first.put(t.token(), t.logprob()));
            }
        }
        var usage = response.metadata().tokenUsage();
        var counted = usage == null ? null : usage.totalTokenCount();
        return new Reply(redacted(text), first, counted == null ? 0 : counted);
    }

    /** What went wrong, in a line, without the key, which a server may have sent back. */
    private String said(Throwable e) {
        var http = e;
        while (http != null && !(http instanceof HttpException)) {
            http = http.getCause();
        }
        var code = http instanceof HttpException h ? "HTTP " + h.statusCode() + ", " : "";
        // Before it is cut: half a key is too much.
        var message = redacted(String.valueOf(e.getMessage())).replaceAll("\\s+", " ");
        return code + (message.length() > 200 ? message.substring(0, 200) + "…" : message);
    }

    private String redacted(String text) {
        return key.map(k -> text.replace(k, "***")).orElse(text);
    }
}
