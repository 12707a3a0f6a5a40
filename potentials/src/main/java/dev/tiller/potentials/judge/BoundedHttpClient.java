// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * langchain4j's line to a judge, which hangs up on an answer that is not whole in time, or is longer than any answer: the
 * JDK's own timeout ends with an answer's head. Redirects are not followed.
 */
final class BoundedHttpClient implements HttpClient {
    private static final int LONGEST = 4 << 20;

    private final java.net.http.HttpClient client;
    private final Duration timeout;

    private BoundedHttpClient(Duration timeout) {
        this.client =
                java.net.http.HttpClient.newBuilder().connectTimeout(timeout).build();
        this.timeout = timeout;
    }

    /** Of clients that wait so long for a whole answer, whatever langchain4j sets of its own accord. */
    record Builder(Duration timeout) implements HttpClientBuilder {
        @Override
        public Duration connectTimeout() {
            return timeout;
        }

        @Override
        public HttpClientBuilder connectTimeout(@Nullable Duration other) {
            return this;
        }

        @Override
        public Duration readTimeout() {
            return timeout;
        }

        @Override
        public HttpClientBuilder readTimeout(@Nullable Duration other) {
            return this;
        }

        @Override
        public HttpClient build() {
            return new BoundedHttpClient(timeout);
        }
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        var asked = java.net.http.HttpRequest.newBuilder(URI.create(request.url()));
        request.headers().forEach((name, values) -> values.forEach(value -> asked.header(name, value)));
        var body = request.body();
        asked.method(request.method().name(), body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        var answer = client.sendAsync(asked.build(), head -> new Bounded());
        try {
            var whole = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (whole.statusCode() / 100 != 2) {
                throw new HttpException(whole.statusCode(), new String(whole.body(), StandardCharsets.UTF_8));
            }
            return SuccessfulHttpResponse.builder()
                    .statusCode(whole.statusCode())
                    .headers(whole.headers().map())
                    .body(whole.body())
                    .build();
        } catch (TimeoutException e) {
            throw new dev.langchain4j.exception.TimeoutException("the answer was not there in time", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            answer.cancel(true);
        }
    }

    /** Answers are asked for whole. */
    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        throw new UnsupportedOperationException();
    }

    /** An answer's bytes, as long as they are not too many. */
    private static final class Bounded implements BodySubscriber<byte[]> {
        private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
        private @Nullable Subscription subscription;
        private long left = LONGEST;

        @Override
        public CompletionStage<byte[]> getBody() {
            return bytes.getBody();
        }

        @Override
        public void onSubscribe(Subscription begun) {
            subscription = begun;
            bytes.onSubscribe(begun);
        }

        @Override
        public void onNext(List<ByteBuffer> more) {
            if (left < 0) {
                return;
            }
            left -= more.stream().mapToLong(ByteBuffer::remaining).sum();
            if (left >= 0) {
                bytes.onNext(more);
            } else {
                if (subscription != null) {
                    subscription.cancel();
                }
                bytes.onError(new IOException("an answer longer than " + LONGEST + " bytes"));
            }
        }

        @Override
        public void onError(Throwable problem) {
            bytes.onError(problem);
        }

        @Override
        public void onComplete() {
            bytes.onComplete();
        }
    }
}
