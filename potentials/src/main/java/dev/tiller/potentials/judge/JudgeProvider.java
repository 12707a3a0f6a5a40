// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.weights.Caches;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code judge(url=http://localhost:8000/v1, model=NAME)}; its key is found by {@link Keys}. */
public final class JudgeProvider implements RewardProvider<Images> {
    static final RewardInfo INFO = new RewardInfo(
            "judge",
            "what a vision-language model says of the picture for the prompt",
            "score 0 to 10, likert 1 to 5, rubric 0 to 10, yesno and quality a probability, pair log odds against the population",
            false,
            false);

    private static final Map<String, Template> WAYS = Map.of(
            "score", Template.SCORE,
            "likert", Template.LIKERT,
            "rubric", Template.RUBRIC,
            "yesno", Template.YES_NO,
            "quality", Template.QUALITY,
            "pair", Template.PAIR);
    private static final String QUESTIONS = "Are all objects of the description there?|Is their number right?"
            + "|Are their colours right?|Do they stand as the description says?";

    private final Map<String, String> environment;

    public JudgeProvider() {
        this(System.getenv());
    }

    /** @param environment where keys are looked for */
    JudgeProvider(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public RewardInfo info() {
        return INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("url", "where it is asked, such as http://localhost:8000/v1", "must be given"),
                new Option("model", "the model's name there", "default"),
                new Option("api", "openai: the OpenAI-compatible chat API; ollama: Ollama's own", "openai"),
                new Option("ask", "score, likert, rubric, yesno or quality (which need logprobs) or pair", "score"),
                new Option("questions", "of a rubric, with | between them", QUESTIONS),
                new Option("rounds", "pair: how many others each picture meets at most on each side", "3"),
                new Option("concurrency", "questions under way at a time", "4"),
                new Option("timeout", "seconds to wait for an answer", "60"),
                new Option("retries", "how often a failed call or unreadable answer is asked for again", "4"),
                new Option("backoff", "seconds before the first repetition, doubling", "0.5"),
                new Option("calls", "the most calls to pay for; 0: no limit", "0"),
                new Option("tokens", "the most tokens to pay for; 0: no limit", "0"),
                new Option("cache", "folder that answers are kept in", "tiller/judge in the user's cache folder"));
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var way = request.option("ask", "score");
        var template = WAYS.get(way);
        if (template == null) {
            throw new TillerException(
                    "A judge is asked by " + WAYS.keySet().stream().sorted().toList() + ", not by ask=" + way + ".");
        }
        var questions = Arrays.stream(request.option("questions", QUESTIONS).split("\\|", -1))
                .map(String::strip)
                .filter(q -> !q.isEmpty())
                .toList();
        if (template == Template.RUBRIC && questions.isEmpty()) {
            throw new TillerException("A rubric needs questions: questions=\"first?|second?\".");
        }
        if (template.logprobs() && request.option("api", "openai").equals("ollama")) {
            throw new TillerException(
                    "A judge asked by ask=" + way + " must tell probabilities of words, which Ollama's"
                            + " own API does not; ask its OpenAI-compatible one (api=openai, url=…/v1), or by ask=score.");
        }
        int rounds = whole(request, "rounds", 3, 1);
        var panel = panel(request);
        return template == Template.PAIR
                ? new PairJudgeReward(request.prompt(), rounds, panel, request.warnings())
                : new JudgeReward(
                        template,
                        request.prompt(),
                        template == Template.RUBRIC ? questions : List.of(),
                        panel,
                        request.warnings());
    }

    private Panel panel(RewardRequest request) {
        // What is asked, and of which prompt, makes no other panel; which keys there are does.
        var options = new TreeMap<>(request.options());
        options.keySet().removeAll(List.of("ask", "questions", "rounds"));
        return Panel.open(
                List.of(options, environment),
                () -> endpoint(request),
                new ReplyCache(Path.of(request.option("cache", cacheFolder()))),
                new Budget(whole(request, "calls", 0, 0), whole(request, "tokens", 0, 0)),
                whole(request, "concurrency", 4, 1),
                whole(request, "retries", 4, 0),
                seconds(request, "backoff", 0.5));
    }

    private Endpoint endpoint(RewardRequest request) {
        var url = url(request.option("url", ""));
        var model = request.option("model", "default");
        var timeout = seconds(request, "timeout", 60);
        try {
            return switch (request.option("api", "openai")) {
                case "openai" -> LangChainEndpoint.openAi(url, model, timeout, new Keys(environment).of(url));
                case "ollama" -> LangChainEndpoint.ollama(url, model, timeout);
                default ->
                    throw new TillerException(
                            "A judge's api is openai or ollama, not " + request.option("api", "") + ".");
            };
        } catch (LinkageError e) {
            throw new TillerException(
                    "The judge needs langchain4j-open-ai and langchain4j-ollama 1.18.1 on the class path; add them.",
                    e);
        }
    }

    private static URI url(String text) {
        try {
            var url = new URI(text);
            if (url.getHost() != null
                    && url.getUserInfo() == null
                    && url.getQuery() == null
                    && url.getFragment() == null
                    && String.valueOf(url.getScheme()).matches("https?")) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below, without what was written, which may hold a key
        }
        throw new TillerException("A judge needs its address, without user, key or query in it:"
                + " judge(url=http://localhost:8000/v1, model=NAME).");
    }

    private String cacheFolder() {
        return Caches.ofTiller(environment).resolve("judge").toString();
    }

    private static Duration seconds(RewardRequest request, String key, double otherwise) {
        var text = request.option(key, Double.toString(otherwise));
        try {
            double seconds = Double.parseDouble(text);
            if (seconds > 0 && seconds < 86_400) {
                return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException("The option " + key + " of judge wants a number of seconds, not '" + text + "'.");
    }

    private static int whole(RewardRequest request, String key, int otherwise, int least) {
        var text = request.option(key, Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException(
                "The option " + key + " of judge wants a whole number of at least " + least + ", not '" + text + "'.");
    }
}
