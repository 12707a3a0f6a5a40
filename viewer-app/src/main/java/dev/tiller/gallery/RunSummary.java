// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.record.CorruptRecordException;
import dev.tiller.record.EventLog;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.Recipe;
import dev.tiller.record.RunFolder;
import dev.tiller.record.RunMarks;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads what the gallery shows of a run from its folder. */
final class RunSummary {
    /** Longer files are no manifests and no pictures that a run wrote. */
    private static final long LONGEST_MANIFEST = 4 << 20;

    private static final long LONGEST_PICTURE = 64 << 20;
    private static final long LONGEST_LOG = 256 << 20;

    /** @param negative is searched, but not shown */
    record Read(Entry entry, String negative) {}

    private RunSummary() {}

    /**
     * @param folder absolute
     * @throws TillerException if it is no run, or one that cannot be read
     */
    static Read of(Path folder) {
        var file = folder.resolve("manifest.json");
        try {
            if (Files.size(file) > LONGEST_MANIFEST) {
                throw new CorruptRecordException("The manifest " + file + " is longer than any manifest.", 0);
            }
            var manifest = ManifestFile.read(file);
            var plan = manifest.run().plan();
            var look = finished(folder).orElseGet(() -> goingOn(folder));
            var marks = RunMarks.in(folder);
            var entry = new Entry(
                    folder,
                    manifest.run().prompt(),
                    text(plan, "method"),
                    text(plan, "model"),
                    text(plan, "reward"),
                    look.best(),
                    Files.getLastModifiedTime(file).toInstant(),
                    state(manifest.outcome()),
                    look.picture(),
                    look.byHand(),
                    marks.starred(),
                    marks.note());
            return new Read(entry, text(plan, "negative"));
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
    }

    private static String text(Map<String, Object> plan, String option) {
        return String.valueOf(plan.getOrDefault(option, ""));
    }

    private static Entry.State state(@Nullable Outcome outcome) {
        if (outcome == null) {
            return Entry.State.UNFINISHED;
        }
        return outcome instanceof Outcome.Completed
                ? Entry.State.COMPLETED
                : outcome instanceof Outcome.Cancelled ? Entry.State.STOPPED : Entry.State.FAILED;
    }

    private record Look(double best, Optional<Path> picture, boolean byHand) {}

    /** The first picture of a run that came to its end knows its reward; the log need not be read. */
    private static Optional<Look> finished(Path folder) throws IOException {
        var first = folder.resolve("0001.png");
        if (!Files.isRegularFile(first) || Files.size(first) > LONGEST_PICTURE) {
            return Optional.empty();
        }
        try {
            return Recipe.in(Files.readAllBytes(first))
                    .map(recipe -> new Look(
                            recipe.reward(),
                            Optional.of(first),
                            recipe.made().stream().anyMatch(at -> at.decision().byHand())));
        } catch (TillerException e) {
            return Optional.empty();
        }
    }

    private static Look goingOn(Path folder) {
        var log = folder.resolve("events.jsonl");
        var latest = new Latest();
        try {
            if (Files.isRegularFile(log) && Files.size(log) <= LONGEST_LOG) {
                EventLog.replay(log, latest::on);
            }
        } catch (IOException | TillerException e) {
            // What was read before the damage is shown; opening the run says what is wrong.
        }
        return latest.look(folder);
    }

    /** The particle that leads at the last step that was judged. */
    private static final class Latest {
        private final Map<Integer, String> pictures = new TreeMap<>();
        private double[] rewards = {};
        private boolean byHand;

        void on(RunEvent event) {
            if (event instanceof RunEvent.Previewed previewed && previewed.stage() != RunEvent.Stage.NOISY) {
                pictures.put(previewed.slot(), previewed.sha256());
            } else if (event instanceof RunEvent.Scored scored) {
                rewards = scored.rewards();
            } else if (event instanceof RunEvent.Intervened intervened) {
                byHand |= intervened.decision().byHand();
            }
        }

        Look look(Path folder) {
            var leader = IntStream.range(0, rewards.length)
                    .filter(i -> Double.isFinite(rewards[i]))
                    .boxed()
                    .max(Comparator.comparingDouble(i -> rewards[i]));
            var picture = leader.map(pictures::get)
                    .or(() -> pictures.values().stream().findFirst())
                    .map(sha -> folder.resolve(RunFolder.pictureName(sha)))
                    .filter(Files::isRegularFile);
            return new Look(leader.map(i -> rewards[i]).orElse(Double.NaN), picture, byHand);
        }
    }
}
