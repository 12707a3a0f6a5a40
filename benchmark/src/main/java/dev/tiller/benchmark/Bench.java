// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.method.Audience;
import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.method.Stopwatch;
import dev.tiller.potentials.geneval.Verdict;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.Cost;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes what a plan asks for: models loaded once, a prompt encoded once for all cells, every picture a unit of its own. */
public final class Bench implements BenchRunner {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final BenchPlan plan;
    private final Models loaded;
    private final ModelLocator models;
    private final RewardCatalogue<Images> rewards;
    private final Optional<Detector> detector;
    private final List<WeightFile> detectorFiles;
    /** One of each reward that shares something with others of its kind, so that it is kept between prompts. */
    private final List<WeightedReward<Images>> kept = new ArrayList<>();
    /** Time in judges and in the detector. */
    private final Stopwatch judging = new Stopwatch();

    private final Clock clock = new Clock();
    /** How a cell's runs are repeated, by its name. */
    private final Map<String, RunManifest> manifests = new LinkedHashMap<>();
    /** Network evaluations of a cell's picture, at most, by its name. */
    private final Map<String, Long> evaluations = new LinkedHashMap<>();
    /** What a plain picture costs: the sampler's steps, twice with guidance. */
    private final long plainEvaluations;

    private Bench(BenchPlan plan, Models loaded, ModelLocator models, RewardCatalogue<Images> rewards) {
        this.plan = plan;
        this.loaded = loaded;
        this.models = models;
        this.rewards = rewards;
        this.detectorFiles = Detectors.files(plan, models);
        this.detector = Detectors.load(plan, models);
        try {
            try (var work = new PromptWork(0)) {
                this.plainEvaluations =
                        work.prepared(plan.run(plan.plain(), 0, 0)).sampler().evaluationsPerParticle();
            }
            plan.cells().forEach(cell -> loaded.keepNoiseAware(cell.plan()));
            plan.cells().stream().map(Cell::method).distinct().forEach(this::check);
            var judges = named(plan.judges().stream()).collect(Collectors.toSet());
            var all = Stream.concat(
                    plan.judges().stream(),
                    plan.cells().stream().map(cell -> cell.plan().get(RunPlan.REWARD)));
            named(all).forEach(one -> keep(one, judges.contains(one)));
        } catch (RuntimeException | Error e) {
            closeOwn();
            throw e;
        }
    }

    private static Stream<RewardExpression.Named> named(Stream<String> expressions) {
        return expressions
                .flatMap(written -> RewardExpression.parse(written).summands().stream())
                .map(RewardExpression.Term::reward)
                .distinct();
    }

    /** @throws TillerException if it is a judge's and values a picture by those of other cells */
    private void keep(RewardExpression.Named named, boolean judges) {
        var request = new RewardRequest(
                plan.suite().prompts().get(0).prompt(),
                Map.of(),
                models::locate,
                plan.plain().get(RunPlan.DEVICE),
                remark -> {});
        var reward = rewards.create(named, request);
        if (judges && reward.parts().stream().anyMatch(part -> part.reward().memory().length > 0)) {
            reward.close();
            throw new TillerException("The judge " + named + " values a picture by those that it has seen before;"
                    + " a judge of a benchmark needs a scale of its own, as standardised has with scale=….");
        }
        if (reward.shares()) {
            kept.add(reward);
        } else {
            reward.close();
        }
    }

    /** Prepared by itself, since its weights are those of its own rewards. */
    private void check(String method) {
        var cells = plan.cells().stream().filter(c -> c.method().equals(method)).toList();
        try (var ready = loaded.prepare(plan.run(new Unit(cells.get(0), 0, 0)))) {
            cells.forEach(cell -> check(cell, ready.as(plan.run(new Unit(cell, 0, 0)))));
        }
    }

    /** Begins a run and makes no step: nobody should wait for a cell that cannot be. */
    private void check(Cell cell, Prepared ready) {
        ready.start(Audience.of()).close();
        requireOneSampler(cell, ready);
        var sampler = ready.sampler();
        // An LCM is told the guidance, and takes one evaluation a step with it.
        int perStep = sampler.evaluationsPerParticle() / sampler.steps();
        long spent = ready.plan().method().moves(ready.plan(), sampler.steps()) * perStep;
        Budget.require(cell.name(), cell.budget(), spent, cell.budget() * plainEvaluations);
        evaluations.put(cell.name(), spent);
        manifests.put(cell.name(), ready.manifest());
    }

    /** Methods that draw no noise would keep the checkpoint's own scheduler, and not be comparable. */
    private static void requireOneSampler(Cell cell, Prepared ready) {
        if (ready.standsIn()) {
            throw new TillerException("The scheduler of " + ready.plan().get(RunPlan.MODEL) + ", "
                    + ready.model().scheduler().className() + ", draws no noise, which " + cell.name()
                    + " needs; choose one that does for all methods, as by --scheduler ddim.");
        }
    }

    /**
     * Loads the plan's models, and sees that every cell can begin and has a budget that it keeps.
     *
     * @throws TillerException if a model will not load, a reward or judge does not exist, or a cell cannot be
     */
    public static Bench load(BenchPlan plan, ModelLocator models, RewardCatalogue<Images> rewards) {
        plan.judges().forEach(judge -> rewards.check(RewardExpression.parse(judge)));
        var plans = new ArrayList<>(List.of(plan.plain()));
        plan.cells().forEach(cell -> plans.add(cell.plan()));
        plans.forEach(run -> rewards.check(RewardExpression.parse(run.get(RunPlan.REWARD))));
        var loaded = new Models(plans, models, rewards);
        try {
            return new Bench(plan, loaded, models, rewards);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    @Override
    public JsonNode planJson() {
        var weights = new LinkedHashSet<WeightFile>();
        manifests.values().forEach(m -> weights.addAll(m.weights()));
        var any = manifests.values().iterator().next();
        return plan.toJson(
                new RunManifest("", 0, Map.of(), List.copyOf(weights), any.versions(), any.device()), detectorFiles);
    }

    @Override
    public boolean run(BenchFolder folder, List<Unit> units, BenchListener progress, BooleanSupplier stopped) {
        var todo = new ArrayList<Unit>();
        for (var unit : units) {
            folder.find(recipe(unit)).ifPresentOrElse(progress::kept, () -> todo.add(unit));
        }
        return make(
                todo,
                (unit, png) -> {
                    folder.add(unit, png);
                    progress.made(unit);
                },
                stopped);
    }

    /**
     * Makes units and keeps none.
     *
     * @param units those of a prompt side by side, as in the plan
     * @param made takes each with its picture's file
     * @param stopped is asked after each step of a run
     * @return whether all were made
     * @throws TillerException if a method spent more than its cell may
     */
    public boolean make(List<Unit> units, BiConsumer<UnitRecord, byte[]> made, BooleanSupplier stopped) {
        clock.lap();
        int next = 0;
        while (next < units.size()) {
            int prompt = units.get(next).prompt();
            int end = next;
            while (end < units.size() && units.get(end).prompt() == prompt) {
                end++;
            }
            try (var work = new PromptWork(prompt)) {
                for (var unit : units.subList(next, end)) {
                    var one = work.make(unit, stopped);
                    if (one.isEmpty()) {
                        return false;
                    }
                    made.accept(one.get().unit(), one.get().png());
                }
            }
            next = end;
        }
        return true;
    }

    /** Network evaluations of a cell's picture, at most. */
    public long evaluations(Cell cell) {
        return evaluations.getOrDefault(cell.name(), 0L);
    }

    /** Makes a unit and keeps nothing: how long does it take? */
    UnitRecord probe(Unit unit) {
        clock.lap();
        try (var work = new PromptWork(unit.prompt())) {
            return work.make(unit, () -> false).orElseThrow().unit();
        }
    }

    @Override
    public String recipe(Unit unit) {
        var all = new LinkedHashMap<String, Object>();
        all.put("run", plan.run(unit).toMap());
        var on = manifest(unit.cell());
        all.put("weights", on.weights());
        all.put("versions", on.versions());
        all.put("device", on.device());
        all.put("judges", plan.judges());
        if (!plan.detector().isEmpty()) {
            all.put("detector", List.of(plan.detector(), detectorFiles));
        }
        all.put("prompt", BenchPlan.promptJson(plan.suite().prompts().get(unit.prompt())));
        all.put("cell", unit.cell().name());
        all.put("image", unit.image());
        try {
            return RunFolder.sha256(JSON.writeValueAsString(all).getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private RunManifest manifest(Cell cell) {
        return Optional.ofNullable(manifests.get(cell.name())).orElseThrow();
    }

    @Override
    public void close() {
        closeOwn();
        loaded.close();
    }

    private void closeOwn() {
        detector.ifPresent(Detector::close);
        kept.forEach(WeightedReward::close);
    }

    /** From one unit to the next, so that nothing is left out. */
    private final class Clock {
        private long begun = System.nanoTime();
        private double worked;

        /**
         * @param seconds since the last lap
         * @param overhead what was not loading, encoding the prompt, the network, the decoder, a reward or the detector
         */
        record Lap(double seconds, double overhead) {}

        Lap lap() {
            long now = System.nanoTime();
            double working = loaded.seconds()
                    + judging.seconds().values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum();
            double seconds = (now - begun) / 1e9;
            var lap = new Lap(seconds, Math.max(0, seconds - (working - worked)));
            begun = now;
            worked = working;
            return lap;
        }
    }

    private record Made(UnitRecord unit, byte[] png) {}

    /** All that one prompt's units share. */
    private final class PromptWork implements AutoCloseable {
        private final int prompt;
        private final List<Prepared> prepared = new ArrayList<>();
        private final Map<String, WeightedReward<Images>> judges = new LinkedHashMap<>();
        /** Of judges. */
        private final List<String> remarks = new CopyOnWriteArrayList<>();

        PromptWork(int prompt) {
            this.prompt = prompt;
            var text = plan.suite().prompts().get(prompt).prompt();
            for (var judge : plan.judges()) {
                var request = new RewardRequest(
                        text, Map.of(), models::locate, plan.plain().get(RunPlan.DEVICE), remarks::add);
                judges.put(judge, judging.time("load", () -> rewards.create(RewardExpression.parse(judge), request)));
            }
        }

        /** Empty if it was stopped. */
        Optional<Made> make(Unit unit, BooleanSupplier stopped) {
            var run = plan.run(unit);
            var ready = prepared(run);
            ready.forget();
            var answer = new AnswerListener();
            try (var going = ready.start(answer.audience(ready.manifest()))) {
                while (going.hasNext()) {
                    if (stopped.getAsBoolean()) {
                        return Optional.empty();
                    }
                    going.next();
                }
            }
            var cell = unit.cell();
            Budget.require(
                    cell.name(), cell.budget(), answer.cost().networkEvaluations(), cell.budget() * plainEvaluations);
            var picture = answer.picture();
            var before = bill(ready);
            // The reward of the answer as it is written, in whichever way a method came to it.
            var scores = judging.time("reward", () -> scores(ready.reward(), picture));
            double reward = scores.total()[0];
            var parts = new LinkedHashMap<String, Double>();
            scores.parts().forEach((name, values) -> parts.put(name, values[0]));
            var recipe = Recipe.of(ready.manifest(), answer.slot(), 1, reward, parts);
            var png = Png.encode(picture, Map.of(Recipe.KEYWORD, recipe.toJson()));
            var verdict = judging.time("detector", () -> verdict(picture));
            var judged = judging.time("judges", () -> judged(picture));
            var cost = answer.cost().plus(bill(ready).minus(before));
            var time = clock.lap();
            var record = new UnitRecord(
                    recipe(unit),
                    unit.cell().name(),
                    prompt,
                    unit.image(),
                    run.get(RunPlan.SEED),
                    RunFolder.sha256(png),
                    verdict.map(Verdict::correct).orElse(null),
                    verdict.map(Verdict::reason).orElse(""),
                    reward,
                    judged,
                    cost,
                    time.seconds(),
                    time.overhead(),
                    Stream.of(
                                    ready.remarks().stream(),
                                    remarks.stream(),
                                    incomparable(ready),
                                    answer.warnings().stream().map(warning -> cell.name() + ": " + warning))
                            .flatMap(texts -> texts)
                            .distinct()
                            .toList());
            return Optional.of(new Made(record, png));
        }

        private Stream<String> incomparable(Prepared ready) {
            return ready.remembers()
                    ? Stream.of("The reward " + ready.plan().get(RunPlan.REWARD)
                            + " values a picture by those that its run has seen, so that its values in different runs"
                            + " are not of one scale.")
                    : Stream.empty();
        }

        private Prepared prepared(RunPlan run) {
            for (var one : prepared) {
                if (RunPlan.COMMON.stream()
                        .allMatch(o ->
                                Prepared.FREE.contains(o) || one.plan().find(o).equals(run.find(o)))) {
                    return one.as(run);
                }
            }
            var fresh = loaded.prepare(run);
            prepared.add(fresh);
            return fresh;
        }

        /** What those who judge an answer were paid so far; what else they did is no part of the run's cost. */
        private Cost bill(Prepared ready) {
            var all = Stream.concat(Stream.of(ready.reward()), judges.values().stream())
                    .map(WeightedReward::cost)
                    .reduce(Cost.NONE, Cost::plus);
            return new Cost(0, 0, 0, 0, all.judgeCalls(), all.judgeTokens());
        }

        private Optional<Verdict> verdict(Picture picture) {
            var asked = plan.suite().prompts().get(prompt);
            var rules = asked.rules();
            return rules == null ? Optional.empty() : detector.map(d -> rules.judge(d.find(picture, asked)));
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

    private static Reward.Scores scores(WeightedReward<Images> judge, Picture picture) {
        try (var images = Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height())) {
            return judge.scores(images);
        }
    }
}
