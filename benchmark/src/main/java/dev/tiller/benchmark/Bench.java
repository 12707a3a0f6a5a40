// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.method.LoadedModel;
import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.potentials.geneval.Verdict;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes what a plan asks for: a model loaded once, a prompt encoded once for all cells, every picture a unit of its own. */
public final class Bench implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final BenchPlan plan;
    private final LoadedModel model;
    private final ModelLocator models;
    private final RewardCatalogue<Images> rewards;
    private final Optional<Detector> detector;
    private final RunManifest on;
    /** What a plain picture costs: the sampler's steps, twice with guidance. */
    private final long plainEvaluations;

    private Bench(BenchPlan plan, LoadedModel model, ModelLocator models, RewardCatalogue<Images> rewards) {
        this.plan = plan;
        this.model = model;
        this.models = models;
        this.rewards = rewards;
        this.detector = SceneDetector.forSuite(plan.suite());
        try (var prepared = model.prepare(plan.run(new Unit(plain(plan), 0, 0)))) {
            this.on = prepared.manifest();
            this.plainEvaluations =
                    (long) prepared.sampler().steps() * (prepared.plan().get(RunPlan.GUIDANCE) == 1 ? 1 : 2);
        }
    }

    /**
     * Loads the plan's model.
     *
     * @throws TillerException if it will not load, or a reward or judge does not exist
     */
    public static Bench load(BenchPlan plan, ModelLocator models, RewardCatalogue<Images> rewards) {
        plan.judges().forEach(judge -> rewards.check(RewardExpression.parse(judge)));
        plan.cells()
                .forEach(
                        cell -> rewards.check(RewardExpression.parse(cell.plan().get(RunPlan.REWARD))));
        var model = LoadedModel.load(plan.run(plan.units().get(0)), models, rewards);
        try {
            return new Bench(plan, model, models, rewards);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** The plan with what its pictures depend on, as its folder holds it. */
    public JsonNode planJson() {
        return plan.toJson(on);
    }

    /**
     * Makes the units that a folder lacks, or a part of them.
     *
     * @param units in the order of the plan
     * @param progress hears of every unit that was made
     * @param stopped is asked after each step of a run
     * @return whether all of them are there
     * @throws TillerException if a method spent more than its cell may
     */
    public boolean run(BenchFolder folder, List<Unit> units, Consumer<UnitRecord> progress, BooleanSupplier stopped) {
        var todo = units.stream().filter(u -> !folder.has(recipe(u))).toList();
        int next = 0;
        while (next < todo.size()) {
            int prompt = todo.get(next).prompt();
            int end = next;
            while (end < todo.size() && todo.get(end).prompt() == prompt) {
                end++;
            }
            try (var work = new PromptWork(prompt)) {
                for (var unit : todo.subList(next, end)) {
                    var made = work.make(unit, folder, stopped);
                    if (made.isEmpty()) {
                        return false;
                    }
                    folder.add(made.get());
                    progress.accept(made.get());
                }
            }
            next = end;
        }
        return true;
    }

    /** Network evaluations of a plain picture. */
    long plainEvaluations() {
        return plainEvaluations;
    }

    /** Makes a unit and keeps nothing: how long does it take? */
    UnitRecord probe(Unit unit) {
        try (var work = new PromptWork(unit.prompt())) {
            return work.make(unit, null, () -> false).orElseThrow();
        }
    }

    /** SHA-256 of everything that a unit depends on. */
    String recipe(Unit unit) {
        var all = new LinkedHashMap<String, Object>();
        all.put("run", plan.run(unit).toMap());
        all.put("weights", on.weights());
        all.put("versions", on.versions());
        all.put("device", on.device());
        all.put("judges", plan.judges());
        all.put("prompt", BenchPlan.promptJson(plan.suite().prompts().get(unit.prompt())));
        all.put("cell", unit.cell().name());
        all.put("image", unit.image());
        try {
            return RunFolder.sha256(JSON.writeValueAsString(all).getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        model.close();
    }

    /** All that one prompt's units share. */
    private final class PromptWork implements AutoCloseable {
        private final int prompt;
        private final List<Prepared> prepared = new ArrayList<>();
        private final Map<String, WeightedReward<Images>> judges = new LinkedHashMap<>();

        PromptWork(int prompt) {
            this.prompt = prompt;
            var text = plan.suite().prompts().get(prompt).prompt();
            for (var judge : plan.judges()) {
                var request = new RewardRequest(text, Map.of(), models::locate, on.device(), w -> {});
                judges.put(judge, rewards.create(RewardExpression.parse(judge), request));
            }
        }

        /** Empty if it was stopped. */
        Optional<UnitRecord> make(Unit unit, @Nullable BenchFolder folder, BooleanSupplier stopped) {
            long begun = System.nanoTime();
            var run = plan.run(unit);
            var ready = prepared(run);
            var answer = new AnswerListener();
            try (var going = ready.start(answer.audience(ready.manifest()))) {
                while (going.hasNext()) {
                    if (stopped.getAsBoolean()) {
                        return Optional.empty();
                    }
                    going.next();
                }
            }
            requireBudget(unit, answer);
            var picture = answer.picture();
            // The reward of the answer as it is written, in whichever way a method came to it.
            var scores = scores(ready.reward(), picture);
            double reward = scores.total()[0];
            var parts = new LinkedHashMap<String, Double>();
            scores.parts().forEach((name, values) -> parts.put(name, values[0]));
            var recipe = Recipe.of(ready.manifest(), answer.slot(), 1, reward, parts);
            var png = Png.encode(picture, Map.of(Recipe.KEYWORD, recipe.toJson()));
            var sha256 = folder == null ? "" : folder.files().keep(png);
            var verdict = verdict(picture);
            return Optional.of(new UnitRecord(
                    recipe(unit),
                    unit.cell().name(),
                    prompt,
                    unit.image(),
                    run.get(RunPlan.SEED),
                    sha256,
                    verdict.map(Verdict::correct).orElse(null),
                    verdict.map(Verdict::reason).orElse(""),
                    reward,
                    judged(picture),
                    answer.cost(),
                    (System.nanoTime() - begun) / 1e9));
        }

        private Prepared prepared(RunPlan run) {
            for (var one : prepared) {
                if (RunPlan.COMMON.stream()
                        .allMatch(o ->
                                Prepared.FREE.contains(o) || one.plan().find(o).equals(run.find(o)))) {
                    return one.as(run);
                }
            }
            var fresh = model.prepare(run);
            prepared.add(fresh);
            return fresh;
        }

        private Optional<Verdict> verdict(Picture picture) {
            var asked = plan.suite().prompts().get(prompt);
            var rules = asked.rules();
            return rules == null ? Optional.empty() : detector.map(d -> rules.judge(d.find(picture, asked.tag())));
        }

        private Map<String, Double> judged(Picture picture) {
            var values = new LinkedHashMap<String, Double>();
            judges.forEach(
                    (name, judge) -> values.put(name, scores(judge, picture).total()[0]));
            return values;
        }

        @Override
        public void close() {
            prepared.forEach(Prepared::close);
            judges.values().forEach(WeightedReward::close);
        }
    }

    private static WeightedReward.Scores scores(WeightedReward<Images> judge, Picture picture) {
        try (var images = Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height())) {
            return judge.scores(images);
        }
    }

    private void requireBudget(Unit unit, AnswerListener answer) {
        long allowed = unit.cell().budget() * plainEvaluations;
        long spent = answer.cost().networkEvaluations();
        if (spent > allowed) {
            throw new TillerException("The cell " + unit.cell().name() + " may spend " + allowed
                    + " network evaluations on a picture (" + unit.cell().budget()
                    + " times those of a plain one), but spent "
                    + spent + "; give the method fewer particles or iterations.");
        }
    }

    /** The cell that budgets are measured by. */
    private static Cell plain(BenchPlan plan) {
        return plan.cells().stream()
                .filter(Cell::isBase)
                .findFirst()
                .or(() -> plan.cells().stream().filter(Cell::isBestOfN).findFirst())
                .orElse(plan.cells().get(0));
    }
}
