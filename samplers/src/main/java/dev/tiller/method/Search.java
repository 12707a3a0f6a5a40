// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.ascent.NoiseSearch;
import dev.tiller.ascent.NoiseSource;
import dev.tiller.ascent.SearchPlan;
import dev.tiller.ascent.SearchSnapshot;
import dev.tiller.run.Cost;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.NoiseToLatents;
import dev.tiller.smc.Key;
import dev.tiller.smc.Objective;
import dev.tiller.smc.Scores;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;

/** {@code search}: noise is searched by trial, without gradients (Ma et al. 2025). */
final class Search implements Method {
    static final Option<Integer> CANDIDATES =
            Option.integer("candidates", "N", "Noises tried for each particle in an iteration.", 4);
    static final Option<String> TRY = Option.choice(
            "try",
            "What is tried: neighbours of the best noise so far, or fresh noise.",
            "neighbours",
            List.of("neighbours", "fresh"));
    static final Option<Double> SIMILARITY =
            Option.number("similarity", "The cosine of a neighbour and what it is a neighbour of, from 0 to 1.", 0.95);

    @Override
    public String name() {
        return "search";
    }

    @Override
    public String summary() {
        return "Noise search: noises near the best one so far are tried, for rewards without a gradient too.";
    }

    @Override
    public List<Option<?>> options() {
        return List.of(AscentOptions.ITERATIONS, CANDIDATES, TRY, SIMILARITY, AscentOptions.PREVIEW_EVERY);
    }

    @Override
    public Map<String, Object> presets() {
        return Map.of(
                RunPlan.ETA.name(), 0,
                RunPlan.STEPS.name(), 20,
                RunPlan.PARTICLES.name(), 2,
                AscentOptions.ITERATIONS.name(), 6);
    }

    @Override
    public Set<Need> needs() {
        return Set.of();
    }

    @Override
    public void check(RunPlan plan) {
        ParticleMethod.particles(plan);
        search(plan);
        AscentOptions.previewEvery(plan);
        if (plan.find(RunPlan.TORCH_SEED).isPresent()) {
            throw new TillerException("A search draws noise after noise from --seed; leave out --torch-seed.");
        }
    }

    @Override
    public long moves(RunPlan plan, int steps) {
        return search(plan).evaluations() * steps;
    }

    private static SearchPlan search(RunPlan plan) {
        var similarity = switch (plan.get(TRY)) {
            case "neighbours" -> OptionalDouble.of(plan.get(SIMILARITY));
            case "fresh" -> OptionalDouble.empty();
            default ->
                throw new TillerException("A search tries neighbours or fresh noise, not '" + plan.get(TRY) + "'.");
        };
        return new SearchPlan(
                plan.get(AscentOptions.ITERATIONS), plan.get(RunPlan.PARTICLES), plan.get(CANDIDATES), similarity);
    }

    @Override
    public ResumableRun start(Prepared on, Key key, Audience audience) {
        var parts = Parts.of(on, key, audience);
        return new Searching(
                NoiseSearch.start(
                        parts.source(),
                        parts.objective(),
                        search(on.plan()),
                        key,
                        audience.manifest(),
                        parts.pictures()),
                parts.pictures());
    }

    @Override
    public ResumableRun resume(SafeTensors state, Prepared on, Key key, Audience audience) {
        var parts = Parts.of(on, key, audience);
        parts.pictures().restore(state);
        try (var snapshot = read(state, on)) {
            return new Searching(
                    NoiseSearch.resume(
                            snapshot, parts.source(), parts.objective(), search(on.plan()), key, parts.pictures()),
                    parts.pictures());
        }
    }

    private record Parts(NoiseSource<Tensor> source, Objective<Tensor> objective, SlotPictures pictures) {
        static Parts of(Prepared on, Key key, Audience audience) {
            var plan = on.plan();
            var pictures =
                    new SlotPictures(audience.pictures(), audience.listeners(), AscentOptions.previewEvery(plan));
            var map = NoiseToLatents.ofStart(on.sampler(), on.stepNoises(key), Checkpointing.AUTO);
            var graded = on.graded(map, pictures);
            int candidates = plan.get(CANDIDATES);
            var objective = new Objective<Tensor>() {
                @Override
                public Scores score(int iteration, Tensor noise) {
                    // After the first iteration each family is a pivot, which is known, and its candidates.
                    pictures.expect(IntStream.range(0, noise.size())
                            .map(row -> iteration == 0 ? row : row / candidates + row + 1)
                            .toArray());
                    return graded.score(noise);
                }

                @Override
                public Cost cost() {
                    return graded.cost();
                }
            };
            return new Parts((n, k) -> on.startNoise(n, k, map.rowShape()), objective, pictures);
        }
    }

    private static SearchSnapshot<Tensor> read(SafeTensors state, Prepared on) {
        int step = (int) state.longs("numbers")[0];
        var scores = Saved.scores(state, "scores");
        var cost = Saved.cost(state);
        return new SearchSnapshot<>(
                step, Saved.tensor(state, "pivots", on.model().device()), scores, cost);
    }

    private record Searching(NoiseSearch<Tensor> run, SlotPictures pictures) implements ResumableRun {
        @Override
        public boolean hasNext() {
            return run.hasNext();
        }

        @Override
        public StepReport next() {
            return run.next();
        }

        @Override
        public int[] order() {
            return run.order();
        }

        @Override
        public void save(SafeTensorsWriter to) {
            var snapshot = run.snapshot();
            Saved.write("pivots", snapshot.pivots(), to);
            Saved.write("scores", snapshot.scores(), to);
            Saved.write(snapshot.step(), 0, snapshot.cost(), to);
            pictures.save(to);
        }

        @Override
        public void close() {
            run.close();
        }
    }
}
