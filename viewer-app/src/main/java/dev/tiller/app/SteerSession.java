// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.method.LoadedModel;
import dev.tiller.method.Methods;
import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunManifest;
import dev.tiller.run.StepReport;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.RunReport;
import dev.tiller.weights.ModelLocator;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One {@code tiller run}: a plan carried out, compared with the plain model, and everything written into a folder. */
final class SteerSession implements AutoCloseable {
    private static final String STEERING = "steering";
    private static final String COMPARING = "comparing";
    /** What rewards have seen in the steered run, until all is made. */
    private static final String SEEN = "seen.safetensors";

    /** In timing.json. */
    static final String EVALUATIONS = "evaluations";

    private final LoadedModel model;
    private final Prepared prepared;

    private SteerSession(LoadedModel model, Prepared prepared) {
        this.model = model;
        this.prepared = prepared;
    }

    /** Hears of a run while it goes on. */
    interface Progress {
        /** @param what {@code steering} or {@code comparing} */
        void step(String what, StepReport report);

        /** What happens in the steered run, each event after it was recorded. */
        default void event(RunEvent event) {}
    }

    /**
     * What a run came to.
     *
     * @param completed false if it was stopped
     * @param pictures the final pictures in {@code folder}, best first
     * @param rewards theirs
     * @param caveat why the evidence is no unbiased estimate of the model's; empty where it is
     * @param seconds where the time went
     * @param notes what the user should know of the run, in sentences
     */
    record Result(
            Path folder,
            boolean completed,
            List<Path> pictures,
            double[] rewards,
            Cost cost,
            double logEvidence,
            String caveat,
            Map<String, Double> seconds,
            List<String> notes) {}

    /** Loads everything that the plan asks for; nothing is written yet. */
    static SteerSession open(RunPlan plan, ModelLocator models, RewardCatalogue<Images> rewards) {
        var model = LoadedModel.load(plan, models, rewards);
        try {
            return new SteerSession(model, model.prepare(plan));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** What the user should know before the run: texts cut short, parts left out. */
    List<String> remarks() {
        return prepared.remarks();
    }

    RunManifest manifest() {
        return prepared.manifest();
    }

    /**
     * Makes the run in an empty folder.
     *
     * @param script decisions to carry out, each after its step
     */
    Result run(RunFolder folder, Progress progress, Control control, List<Decision.At> script) {
        requireSteps(script);
        folder.write(
                "manifest.json", ManifestFile.of(manifest()).decided(script).toJson());
        begin(folder, true);
        try {
            return make(folder, progress, control, script);
        } catch (TillerException e) {
            // A plan that the engine refused has left nothing worth keeping, and must not stand in the next one's way.
            var events = folder.resolve("events.jsonl");
            if (!Files.exists(events) || EventLog.replay(events, event -> {}).events() == 0) {
                folder.clear();
            }
            throw e;
        }
    }

    /** Goes on with a run that was stopped or killed. */
    Result resume(RunFolder folder, Progress progress, Control control) {
        folder.removeDrafts();
        begin(folder, false);
        var script = ManifestFile.read(folder.resolve("manifest.json")).script();
        return make(folder, progress, control, script);
    }

    private void begin(RunFolder folder, boolean fresh) {
        try {
            RecordedRun.begin(model, prepared, folder);
        } catch (TillerException e) {
            if (fresh) {
                folder.clear();
            }
            throw e;
        }
    }

    private void requireSteps(List<Decision.At> script) {
        int steps = prepared.plan().get(RunPlan.STEPS);
        if (!script.isEmpty() && !prepared.plan().method().branches()) {
            throw new TillerException("Only particles can be steered by hand, not the noises of "
                    + prepared.plan().method().name() + ".");
        }
        script.stream().filter(at -> at.step() >= steps).findFirst().ifPresent(at -> {
            throw new TillerException("Nothing can be decided after step " + at.step() + " of " + steps + ".");
        });
    }

    private Result make(RunFolder folder, Progress progress, Control control, List<Decision.At> script) {
        var watch = model.watch();
        var run = watch.time(
                STEERING,
                () -> RecordedRun.make(
                        prepared, folder, report -> progress.step(STEERING, report), progress::event, control, script));
        watch.share("engine", STEERING, "network", "reward");
        if (run.completed() && prepared.remembers()) {
            carryMemories(run);
        }
        var files = run.completed()
                ? watch.time("pictures", () -> new FinalPictures(prepared, run).write())
                : List.<Path>of();
        var compared = run.completed()
                ? watch.time(COMPARING, () -> compare(run, report -> progress.step(COMPARING, report), control))
                : null;
        watch.time("report", () -> folder.write("report.html", report(run, compared)));
        boolean completed = run.completed() && (compared == null || compared.completed());
        if (completed) {
            RecordedRun.delete(folder.resolve(SEEN));
        }
        var history = run.history();
        if (completed || !run.completed()) {
            // One that was stopped while it was compared has no outcome yet: it can be resumed.
            var outcome = history.outcome().orElseThrow();
            var decided = new ArrayList<>(history.interventions().own());
            // What a run that was stopped has not come to yet is still to be done when it goes on.
            decided.addAll(history.interventions().pending(script));
            folder.write(
                    "manifest.json",
                    ManifestFile.of(manifest())
                            .ended(outcome, history.cost())
                            .decided(decided)
                            .toJson());
        }
        var notes = new ArrayList<>(history.gamed());
        notes.addAll(history.warned());
        var result = new Result(
                folder.path(),
                completed,
                files,
                history.order().stream().mapToDouble(history::reward).toArray(),
                history.cost(),
                history.logEvidence().orElse(Double.NaN),
                history.interventions().caveat().orElse(""),
                watch.seconds(),
                List.copyOf(notes));
        folder.write("timing.json", timing(result.seconds(), run.spent().networkEvaluations()));
        return result;
    }

    /**
     * Rewards that value pictures by those that they have seen value the plain model's after the steered ones, also where these were
     * made by a process that was killed since.
     */
    private void carryMemories(RecordedRun run) {
        var seen = run.folder().resolve(SEEN);
        if (run.spent().networkEvaluations() > 0) {
            var memories = new SafeTensorsWriter();
            prepared.saveMemories(memories);
            memories.write(seen);
        } else if (Files.exists(seen)) {
            prepared.remember(SafeTensors.open(seen));
        }
    }

    /** What the plain model makes of the same seed; null if nobody asked. */
    private @Nullable RecordedRun compare(RecordedRun run, Consumer<StepReport> progress, Control control) {
        var plan = prepared.plan();
        // The plain model has nothing else to be compared with.
        if (!plan.method().steers()) {
            return null;
        }
        long affordable =
                run.history().cost().networkEvaluations() / prepared.sampler().evaluationsPerParticle();
        int n = plan.get(RunPlan.BASELINE)
                ? (int) Math.max(1, Math.min(affordable, 65_536))
                : Math.min(plan.get(RunPlan.UNSTEERED), plan.get(RunPlan.PARTICLES));
        if (n == 0) {
            return null;
        }
        var path = run.folder().resolve("unsteered");
        var inside = Files.exists(path) ? RunFolder.open(path) : RunFolder.create(path);
        var plain = plan.unbranched().with(Methods.named("bon")).with(RunPlan.PARTICLES, n);
        return RecordedRun.make(
                prepared.as(plain), inside, progress, event -> {}, Control.undecided(control), List.of());
    }

    private String report(RecordedRun run, @Nullable RecordedRun compared) {
        var beside = compared == null || !compared.completed() ? null : shown(compared);
        var judges = prepared.reward().parts().stream()
                .filter(p -> p.reward().info().judgeOnly())
                .map(p -> p.reward().info().name())
                .collect(Collectors.toUnmodifiableSet());
        boolean baseline = prepared.plan().get(RunPlan.BASELINE);
        return RunReport.html(shown(run), baseline ? null : beside, baseline ? beside : null, judges);
    }

    private static RunReport.Shown shown(RecordedRun run) {
        return new RunReport.Shown(run.history(), run.folder()::picture);
    }

    /**
     * Seconds by name, and of how many network evaluations those of steering are, for a run may have begun in another process; the
     * only file that differs when a run is repeated.
     */
    private static String timing(Map<String, Double> seconds, long evaluations) {
        var timing = new LinkedHashMap<String, Object>(seconds);
        timing.put(EVALUATIONS, evaluations);
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(timing);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        prepared.close();
        model.close();
    }
}
