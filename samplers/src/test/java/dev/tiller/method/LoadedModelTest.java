// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.reward.DifferentiableReward;
import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadedModelTest {
    private final List<Integer> threads = new ArrayList<>();
    private final RewardCatalogue<Images> rewards = new RewardCatalogue<>(List.of(new Brightness(), new Company()));
    private int before;

    /** The mean of all pixels; notes how many threads it may have. */
    private final class Brightness implements RewardProvider<Images>, DifferentiableReward<Images> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("brightness", "the mean of all pixels", "0 to 1", true, false);
        }

        @Override
        public Class<Images> looksAt() {
            return Images.class;
        }

        @Override
        public Reward<Images> create(RewardRequest request) {
            return this;
        }

        @Override
        public double[] score(Images images) {
            threads.add(Engine.threads());
            try (var scope = Scope.open()) {
                return images.tensor().mean(1, 2, 3).toDoubles();
            }
        }

        @Override
        public Graded<Images> grade(Images images) {
            try (var scope = Scope.open()) {
                var x = images.tensor();
                var gradient = x.times(0).plus((double) x.size() / x.elements());
                return new Graded<>(score(images), new Images(scope.keep(gradient)));
            }
        }
    }

    /** How many are valued together. */
    private static final class Company implements RewardProvider<Images>, PopulationReward<Images, Boolean> {
        @Override
        public RewardInfo info() {
            return new RewardInfo("company", "how many there are", "from 1", false, false);
        }

        @Override
        public Class<Images> looksAt() {
            return Images.class;
        }

        @Override
        public Reward<Images> create(RewardRequest request) {
            return this;
        }

        @Override
        public List<Boolean> look(Images part) {
            return Collections.nCopies(part.size(), true);
        }

        @Override
        public Reward.Scores value(List<Boolean> seen) {
            var all = new double[seen.size()];
            Arrays.fill(all, seen.size());
            return new Reward.Scores(all, Map.of());
        }
    }

    @BeforeEach
    void twoThreads() {
        before = Engine.threads();
        Engine.setThreads(2);
    }

    @AfterEach
    void asBefore() {
        Engine.setThreads(before);
    }

    private static RunPlan plan(Map<String, ?> options) {
        return RunPlan.of(options).with(RunPlan.REWARD, "brightness");
    }

    @ParameterizedTest
    @CsvSource({
        "fk, threads, -1, 'threads'' must be at least 0'",
        "fk, unsteered, -2, 'unsteered'' must be at least 0'",
        "fk, steps, 0, number of steps",
        "fk, guidance, NaN, guidance scale",
        "fk, micro-batch, -1, micro-batch",
        "bon, width, -8, size of the picture",
        "dps, strength, -1, strength of guidance",
        "tds, strength, -1, strength of guidance",
        "das, max-norm, -3, largest norm",
        "reno, preview-every, 0, 'iterations, at least 1'",
        "search, preview-every, -1, 'iterations, at least 1'",
    })
    void whatCannotBeIsRefusedBeforeAnythingIsLoaded(String method, String option, String value, String words) {
        var impossible = plan(Map.of("method", method, option, value));
        var error = assertThrows(TillerException.class, () -> LoadedModel.check(impossible, rewards));
        assertTrue(error.getMessage().contains(words), error.getMessage());
    }

    @Test
    void everyMethodCanBeByItsDefaults() {
        for (var method : Methods.all()) {
            LoadedModel.check(plan(Map.of("method", method.name())), rewards);
        }
    }

    /** A light model's single ascent goes by one core, but not against the user's word. */
    @Test
    void oneCoreIsForThreadsThatNobodyAskedFor() {
        var options = Map.of(
                "method",
                "reno",
                "model",
                "scenes",
                "particles",
                1,
                "iterations",
                2,
                "unsteered",
                0,
                "prompt",
                "a star");
        climb(plan(options));
        assertEquals(List.of(1, 1), threads);
        threads.clear();
        climb(plan(options).with(RunPlan.THREADS, 2));
        assertEquals(List.of(2, 2), threads);
        assertEquals(0, Tensor.alive());
    }

    /** Published checkpoints name schedulers that draw no noise, and a prompt alone is to be enough for them. */
    @Test
    void ddimStandsInForASchedulerWithoutTheNoiseThatAMethodNeeds() {
        var sdxl = Path.of("src", "test", "resources", "golden", "pipelines", "sdxl");
        var options = Map.of("model", sdxl.toString(), "steps", 20, "particles", 4, "prompt", "a star");
        var fk = plan(options);
        try (var model = LoadedModel.load(fk, ModelLocator.ofEnvironment(Map.of()), rewards)) {
            var byMethod = new TreeMap<String, String>();
            for (var method : List.of("fk", "svdd", "das", "bon", "flow-nrg", "reno")) {
                remember(model, fk.with(Methods.named(method)), byMethod);
            }
            assertEquals(
                    Map.of(
                            "fk", "DDIMScheduler 1",
                            "svdd", "DDIMScheduler 1",
                            "das", "DDIMScheduler 1",
                            "bon", "EulerDiscreteScheduler 0",
                            "flow-nrg", "EulerDiscreteScheduler 0",
                            "reno", "EulerDiscreteScheduler 0"),
                    byMethod);
            var chosen = fk.with(RunPlan.SCHEDULER, "euler-a");
            remember(model, chosen, byMethod);
            assertEquals("EulerAncestralDiscreteScheduler 0", byMethod.get("fk"));
            // A single step draws none under any scheduler.
            remember(model, fk.with(RunPlan.STEPS, 1), byMethod);
            assertEquals("EulerDiscreteScheduler 0", byMethod.get("fk"));
        }
        assertEquals(0, Tensor.alive());
    }

    /** The sampler, and how many remarks name ddim. */
    private static void remember(LoadedModel model, RunPlan plan, Map<String, String> byMethod) {
        try (var prepared = model.prepare(plan)) {
            byMethod.put(
                    plan.method().name(),
                    prepared.sampler().scheduler().name() + " "
                            + prepared.remarks().stream()
                                    .filter(remark -> remark.contains("ddim is used"))
                                    .count());
        }
    }

    /** A run that refuses a decision has not half carried it out. */
    @Test
    void atItsEndARunIsNotReweighed() {
        var plan = plan(Map.of("model", "scenes", "steps", 1, "particles", 1, "unsteered", 0, "prompt", "a star"));
        try (var model = LoadedModel.load(plan, ModelLocator.ofEnvironment(Map.of()), rewards);
                var prepared = model.prepare(plan);
                var run = prepared.start(Audience.of());
                var image = Images.of(new byte[][] {{100, 100, 100}}, 1, 1)) {
            double before = prepared.reward().score(image)[0];
            run.finish();
            var reweigh = new Decision.Reweigh(Map.of("brightness", 3.0));
            assertThrows(TillerException.class, () -> run.decide(reweigh));
            assertEquals(before, prepared.reward().score(image)[0]);
        }
        assertEquals(0, Tensor.alive());
    }

    /** Rewards of a population see it whole, however many pictures are made at a time. */
    @Test
    void whatValuesPicturesTogetherSeesAllOfThem() {
        var options = new HashMap<String, Object>(Map.of(
                "model", "scenes", "steps", 2, "micro-batch", 4, "particles", 2, "unsteered", 0, "prompt", "a star"));
        options.putAll(Map.of("method", "search", "candidates", 3, "iterations", 2));
        assertEquals(
                List.of(List.of(2.0, 2.0), List.of(2.0, 6.0, 6.0, 6.0, 2.0, 6.0, 6.0, 6.0)),
                told(plan(options).with(RunPlan.REWARD, "company"), false));
        options.keySet().removeAll(List.of("candidates", "iterations"));
        for (var method : List.of("fk", "das")) {
            options.put("method", method);
            var plan = plan(options).with(RunPlan.HOLD_OUT, "company");
            assertEquals(List.of(List.of(2.0, 2.0), List.of(2.0, 2.0)), told(plan, true), method);
        }
        options.put("method", "reno");
        var ascent = plan(options).with(RunPlan.HOLD_OUT, "company");
        var error = assertThrows(TillerException.class, () -> told(ascent, true));
        assertTrue(error.getMessage().contains("values pictures together"), error.getMessage());
        assertEquals(0, Tensor.alive());
    }

    /** The rewards of each scoring, or those held out. */
    private List<List<Double>> told(RunPlan plan, boolean heldOut) {
        var told = new ArrayList<List<Double>>();
        try (var model = LoadedModel.load(plan, ModelLocator.ofEnvironment(Map.of()), rewards);
                var prepared = model.prepare(plan);
                var run = prepared.start(Audience.of(event -> {
                    if (!heldOut && event instanceof RunEvent.Scored scored) {
                        told.add(Arrays.stream(scored.rewards()).boxed().toList());
                    } else if (heldOut && event instanceof RunEvent.HeldOut held) {
                        held.rewards()
                                .values()
                                .forEach(
                                        of -> told.add(Arrays.stream(of).boxed().toList()));
                    }
                }))) {
            run.finish();
        }
        return told;
    }

    private void climb(RunPlan plan) {
        try (var model = LoadedModel.load(plan, ModelLocator.ofEnvironment(Map.of()), rewards);
                var prepared = model.prepare(plan);
                var run = prepared.start(Audience.of())) {
            run.finish();
        }
    }
}
