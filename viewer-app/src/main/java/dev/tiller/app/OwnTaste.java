// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.potentials.clip.Taste;
import dev.tiller.potentials.clip.TasteTeacher;
import dev.tiller.record.Png;
import dev.tiller.reward.RewardExpression;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * What the user of the window likes: one {@link Taste} in the settings folder, which each choice between two pictures
 * teaches. It is the file that {@code tiller rewards teach} writes; one that was taught there on another model goes on with
 * that model.
 */
final class OwnTaste {
    private static final String MODEL = "scenes-clip";

    private final ModelLocator models;
    private final Path file;
    private final ExecutorService learning = Executors.newSingleThreadExecutor(work -> {
        var thread = new Thread(work, "taste");
        thread.setDaemon(true);
        return thread;
    });

    /** @param settings the user's settings folder */
    OwnTaste(ModelLocator models, Path settings) {
        this.models = models;
        this.file = settings.resolve("taste.json");
    }

    /** The reward that steers by it; empty as long as nothing was learnt. */
    Optional<String> reward() {
        return Files.isRegularFile(file) ? Optional.of(expression(file)) : Optional.empty();
    }

    /** The reward of a taste in a file, in quotes where its path needs them. */
    static String expression(Path file) {
        return new RewardExpression.Named("taste", Map.of("file", file.toString())).toString();
    }

    /** Learns that one picture was chosen over another, PNG files both, on a thread of its own. */
    void prefer(byte[] better, byte[] worse, Consumer<String> told) {
        learning.execute(() -> told.accept(learnt(better, worse)));
    }

    private String learnt(byte[] better, byte[] worse) {
        try (var teacher = teacher();
                var liked = images(better);
                var other = images(worse)) {
            teacher.prefer(teacher.look("better", liked), teacher.look("worse", other));
            teacher.taste().save(file);
            int n = teacher.taste().pairs().size();
            return "Learnt from " + n + (n == 1 ? " choice" : " choices") + foretold(teacher.taste())
                    + ". The command \"Steer by my taste\" makes it the reward.";
        } catch (TillerException e) {
            return "That could not be learnt: " + e.getMessage();
        }
    }

    /** With fewer choices the share says nothing. */
    private static String foretold(Taste taste) {
        return taste.pairs().size() < 10
                ? ""
                : ", of which " + Math.round(100 * taste.foretold().accuracy()) + " % could have been foretold";
    }

    private TasteTeacher teacher() {
        return Files.isRegularFile(file)
                ? TasteTeacher.of(Taste.read(file), models::locate, "cpu")
                : TasteTeacher.of(MODEL, models::locate, "cpu");
    }

    private static Images images(byte[] png) {
        var picture = Png.decode(png);
        return Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height());
    }
}
