// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Audience;
import dev.tiller.method.LoadedModel;
import dev.tiller.method.Methods;
import dev.tiller.method.Option;
import dev.tiller.method.PictureViewer;
import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.method.SteeringOptions;
import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Interventions;
import dev.tiller.viewer.RunHistory;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The beginning of a run in the middle of another. The branch's folder gets the events of its parent up to there, with their
 * pictures, and a state, as if it were a run that was stopped: what follows is a resumption under another plan.
 */
final class Branch {
    /** What the particles of the parent are made of, so that it cannot change in the middle. */
    private static final List<Option<?>> SAME = List.of(
            RunPlan.MODEL,
            RunPlan.STEPS,
            RunPlan.SCHEDULER,
            RunPlan.WIDTH,
            RunPlan.HEIGHT,
            RunPlan.DTYPE,
            RunPlan.DEVICE);

    /** What gives rewards another meaning, so that what was spent on the old one is taken back. */
    private static final List<Option<?>> MEANING =
            List.of(RunPlan.PROMPT, RunPlan.REWARD, RunPlan.METHOD, SteeringOptions.LAMBDA, SteeringOptions.POTENTIAL);

    private final LoadedModel model;
    private final Prepared on;
    private final Path folder;
    private final ManifestFile parent;
    private final RunPlan parentPlan;
    private final int step;

    private Branch(LoadedModel model, Prepared on) {
        this.model = model;
        this.on = on;
        this.folder = Path.of(on.plan().get(RunPlan.BRANCH_FROM));
        this.parent = manifest(folder);
        this.parentPlan = RunPlan.ofManifest(parent.run().plan());
        this.step = on.plan().get(RunPlan.BRANCH_STEP) - 1;
    }

    private static ManifestFile manifest(Path folder) {
        if (!Files.isRegularFile(folder.resolve("manifest.json"))) {
            throw new TillerException("There is no run in " + folder + " to branch from.");
        }
        return ManifestFile.read(folder.resolve("manifest.json"));
    }

    /** Whether a plan begins in the middle of another run. */
    static boolean is(Map<String, ?> options) {
        return RunPlan.BRANCH.stream().anyMatch(option -> options.containsKey(option.name()));
    }

    /**
     * The plan of a branch: what is not given is its parent's.
     *
     * @throws TillerException if the parent cannot be branched there, or like that
     */
    static RunPlan plan(Map<String, ?> given) {
        if (!given.containsKey(RunPlan.BRANCH_FROM.name()) || !given.containsKey(RunPlan.BRANCH_STEP.name())) {
            throw new TillerException(
                    "A branch needs the folder of a run and a step: --branch-from and --branch-step.");
        }
        var parent = RunPlan.ofManifest(manifest(Path.of(String.valueOf(given.get(RunPlan.BRANCH_FROM.name()))))
                .run()
                .plan());
        var method = given.get(RunPlan.METHOD.name());
        var base = parent.unbranched();
        if (method != null) {
            base = base.with(Methods.named(String.valueOf(method)));
        }
        var options = new LinkedHashMap<String, Object>(base.toMap());
        options.putAll(given);
        var plan = RunPlan.of(options);
        check(plan, parent);
        return plan;
    }

    private static void check(RunPlan plan, RunPlan parent) {
        for (var method : List.of(parent.method(), plan.method())) {
            if (!method.branches()) {
                throw new TillerException("Only particles can be branched on their way, and " + method.name()
                        + " optimises noise; start a run of its own.");
            }
        }
        for (var option : SAME) {
            if (!plan.find(option).equals(parent.find(option))) {
                throw new TillerException("A branch has the " + option.name() + " of its parent, " + parent.get(option)
                        + "; leave out --" + option.name() + ".");
            }
        }
        int step = plan.get(RunPlan.BRANCH_STEP);
        int begins = parent.find(RunPlan.BRANCH_STEP).orElse(1);
        if (step < 1 || step > parent.get(RunPlan.STEPS)) {
            throw new TillerException(
                    "The run has steps 1 to " + parent.get(RunPlan.STEPS) + ", and no step " + step + ".");
        }
        if (step < begins) {
            throw new TillerException("The run in " + plan.get(RunPlan.BRANCH_FROM)
                    + " is a branch itself, which begins at step " + begins + "; branch from its parent "
                    + parent.get(RunPlan.BRANCH_FROM) + ".");
        }
        int particle = plan.find(RunPlan.BRANCH_PARTICLE).orElse(1);
        if (particle < 1) {
            throw new TillerException("There is no particle " + particle + " to branch from; they are counted from 1.");
        }
        if (plan.find(RunPlan.BRANCH_PARTICLE).isEmpty()
                && !plan.get(RunPlan.PARTICLES).equals(parent.get(RunPlan.PARTICLES))) {
            throw new TillerException("A branch of all particles keeps their number; leave out --particles, or name one"
                    + " with --branch-particle.");
        }
    }

    /**
     * Puts the beginning into a folder, in which nothing has begun: its events, its pictures, its state.
     *
     * @throws TillerException if the parent never came so far
     */
    static void begin(LoadedModel model, Prepared on, RunFolder folder) {
        var branch = new Branch(model, on);
        check(on.plan(), branch.parentPlan);
        branch.begin(folder);
    }

    private void begin(RunFolder into) {
        var until = new RunHistory();
        eventsBefore(until);
        if (until.ess().size() < step) {
            throw new TillerException("The run in " + folder + " has made only "
                    + until.ess().size() + " steps; branch from one of them.");
        }
        var draft = into.resolve(".draft-branch");
        var kept = KeptStates.upTo(step, folder);
        boolean exact = kept.isPresent() && kept.get().step() == step;
        if (!exact) {
            replay(kept, until.interventions()).write(draft);
        }
        var state = SafeTensors.open(exact ? kept.get().file() : draft);
        try (var log = EventLog.create(into.resolve("events.jsonl"))) {
            copyEvents(log, into);
            var audience = new Audience(on.manifest(), PictureViewer.NONE, List.of(log));
            try (var run = on.resume(state, audience)) {
                int slot = on.plan().find(RunPlan.BRANCH_PARTICLE).orElse(0) - 1;
                run.decide(new Decision.Branch(slot, anew()));
                RecordedRun.save(run, log, into);
            }
        }
        into.removeDrafts();
    }

    private boolean anew() {
        return MEANING.stream().anyMatch(option -> !value(on.plan(), option).equals(value(parentPlan, option)));
    }

    private static Optional<Object> value(RunPlan plan, Option<?> option) {
        return Optional.ofNullable(plan.toMap().get(option.name()));
    }

    /** The parent's state before the step, made again from the last one that was kept. */
    private SafeTensorsWriter replay(Optional<KeptStates.Kept> kept, Interventions interventions) {
        try (var prepared = model.prepare(parentPlan)) {
            if (!prepared.manifest().weights().equals(parent.run().weights())) {
                throw new TillerException("The weights are not those that the run in " + folder
                        + " was made with, so its step " + (step + 1) + " cannot be made again.");
            }
            int from = kept.map(KeptStates.Kept::step).orElse(-1);
            prepared.reweigh(interventions.reweighed(from));
            var audience = new Audience(prepared.manifest(), PictureViewer.NONE, List.of());
            try (var run = kept.isPresent()
                    ? prepared.resume(SafeTensors.open(kept.get().file()), audience)
                    : prepared.start(audience)) {
                // A state is kept after the decisions that were made before its step.
                var rest = interventions.own().stream()
                        .filter(at -> at.step() > from)
                        .toList();
                var decisions = Control.scripted(rest, (made, hand) -> made < step);
                for (int made = Math.max(0, from); decisions.goOn(made, run::decide); made++) {
                    run.next();
                }
                var writer = new SafeTensorsWriter();
                run.save(writer);
                return writer;
            }
        }
    }

    /** The parent's events up to the step, under the branch's manifest, and the pictures that they name. */
    private void copyEvents(EventLog log, RunFolder into) {
        eventsBefore(event -> {
            if (event instanceof RunEvent.RunStarted started) {
                log.on(new RunEvent.RunStarted(on.manifest(), started.steps(), started.particles()));
                return;
            }
            if (event instanceof RunEvent.Previewed previewed) {
                RunFolder.pictureIn(folder, previewed.sha256()).ifPresent(into::keep);
            }
            log.on(event);
        });
    }

    private void eventsBefore(RunListener listener) {
        var past = new AtomicBoolean();
        EventLog.replay(folder.resolve("events.jsonl"), event -> {
            if ((event instanceof RunEvent.StepDone done && done.step() >= step)
                    || (event instanceof RunEvent.Located located && located.step() >= step)
                    || (event instanceof RunEvent.Expanded expanded && expanded.step() >= step)
                    || event instanceof RunEvent.RunEnded) {
                past.set(true);
            }
            if (!past.get()) {
                listener.on(event);
            }
        });
    }
}
