// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.potentials.scene.CaptionParser;
import dev.tiller.potentials.scene.SceneVerifier;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.smc.Key;
import dev.tiller.smc.SmcRun;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Does steering work? Runs every setting on every prompt and seed, with the same noises for all settings, and lets the
 * scene verifier, which steers nothing, judge the pictures. A row is written as soon as it is known, and rows that are
 * in the file already are not made again.
 */
public final class SteeringStudy {
    private final TextToImage model;
    private final RewardCatalogue<Images> rewards;
    private final ModelLocator models;
    private final RewardExpression reward;
    private final SceneVerifier verifier = new SceneVerifier();
    private final ObjectMapper json = new ObjectMapper();

    /** @param model kept by the caller */
    public SteeringStudy(
            TextToImage model, RewardCatalogue<Images> rewards, ModelLocator models, RewardExpression reward) {
        this.model = model;
        this.rewards = rewards;
        this.models = models;
        this.reward = reward;
    }

    /**
     * What one run came to.
     *
     * @param correct whether the verifier accepts the picture that the method answers with
     * @param mean the share of all final particles that the verifier accepts
     * @param reward of the answer
     * @param networkEvaluations spent
     */
    public record Row(
            String setting,
            String tag,
            String prompt,
            long seed,
            boolean correct,
            double mean,
            double reward,
            long networkEvaluations) {
        String id() {
            return setting + "|" + seed + "|" + prompt;
        }
    }

    /**
     * Makes the rows that the file lacks.
     *
     * @param progress hears of every new row
     */
    public void run(
            List<StudyPrompt> prompts,
            List<StudySetting> settings,
            List<Long> seeds,
            int steps,
            Path file,
            Consumer<Row> progress) {
        Set<String> known = new HashSet<>();
        if (Files.exists(file)) {
            read(file).forEach(row -> known.add(row.id()));
        }
        for (long seed : seeds) {
            for (var prompt : prompts) {
                for (var setting : settings) {
                    if (!known.contains(setting.name() + "|" + seed + "|" + prompt.prompt())) {
                        var row = row(prompt, setting, seed, steps);
                        append(file, row);
                        progress.accept(row);
                    }
                }
            }
        }
    }

    /** Makes one row. */
    public Row row(StudyPrompt prompt, StudySetting setting, long seed, int steps) {
        var rules = CaptionParser.parse(prompt.prompt());
        var sampling = Sampling.of(prompt.prompt()).withSteps(steps);
        // The same noises for every setting, others for every prompt and seed.
        var key = Key.of(seed).at(prompt.prompt().hashCode());
        try (var bound = rewards.create(reward, new RewardRequest(prompt.prompt(), models::locate));
                var sampler = model.sampler(sampling)) {
            var verdicts = new java.util.TreeMap<Integer, Boolean>();
            var objective = new ImageObjective(model::decode, bound, 64, (step, slot, images, row) -> {
                if (step == steps - 1) {
                    verdicts.put(slot, verifier.judge(images.rgb8(row), rules).correct());
                }
            });
            try (var run = SmcRun.start(sampler, objective, setting.plan(), key)) {
                while (run.hasNext()) {
                    run.next();
                }
                int answer = run.order()[0];
                double mean = verdicts.values().stream()
                        .mapToDouble(v -> v ? 1 : 0)
                        .average()
                        .orElseThrow();
                return new Row(
                        setting.name(),
                        prompt.tag(),
                        prompt.prompt(),
                        seed,
                        verdicts.getOrDefault(answer, false),
                        mean,
                        run.snapshot().ledger().rewards()[answer],
                        run.snapshot().cost().networkEvaluations());
            }
        }
    }

    /** The rows of a file. */
    public List<Row> read(Path file) {
        try {
            return Files.readAllLines(file).stream().map(this::row).toList();
        } catch (IOException e) {
            throw new TillerException("Cannot read the rows " + file + ": " + e.getMessage() + ".", e);
        }
    }

    private Row row(String line) {
        try {
            return json.readValue(line, Row.class);
        } catch (JsonProcessingException e) {
            throw new TillerException(
                    "A row of the study is damaged: " + e.getOriginalMessage() + "; delete the line.", e);
        }
    }

    private void append(Path file, Row row) {
        try {
            Files.write(
                    file,
                    (json.writeValueAsString(row) + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new TillerException("Cannot write the row to " + file + ": " + e.getMessage() + ".", e);
        }
    }

    /** {@code SteeringStudy PROMPTS|scenes ROWS.jsonl SEED,SEED… SETTING…}; see tools/bench/steering.sh. */
    public static void main(String[] args) {
        if (args.length < 4) {
            throw new TillerException("Usage: SteeringStudy PROMPTS.jsonl|scenes ROWS.jsonl SEED,SEED... SETTING...");
        }
        var prompts = args[0].equals("scenes") ? StudyPrompt.scenes() : StudyPrompt.read(Path.of(args[0]));
        var rows = Path.of(args[1]);
        var seeds = List.of(args[2].split(",", -1)).stream().map(Long::valueOf).toList();
        var settings = List.of(args).subList(3, args.length).stream()
                .map(StudySetting::parse)
                .toList();
        var models = ModelLocator.ofEnvironment(System.getenv());
        try (var model = TextToImage.load(models.locate("scenes"), DType.FLOAT32, Device.CPU)) {
            var study = new SteeringStudy(
                    model, RewardCatalogue.load(Images.class), models, RewardExpression.parse("clip"));
            int[] done = {0};
            study.run(prompts, settings, seeds, 50, rows, row -> {
                if (++done[0] % 20 == 0) {
                    System.err.println(done[0] + " rows, the last: " + row);
                }
            });
            System.out.print(StudyTable.of(study.read(rows)));
        }
    }
}
