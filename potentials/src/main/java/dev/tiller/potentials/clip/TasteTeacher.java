// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.potentials.clip.Taste.Shown;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Teaches a {@link Taste} by pictures: {@code prefer} looks at two and learns the choice; looking at a picture is the
 * tower's work, learning a matter of milliseconds. Save {@link #taste} whenever it is to be used as a reward.
 */
public final class TasteTeacher implements AutoCloseable {
    private final Tower tower;
    private Taste taste;

    private TasteTeacher(Tower tower, Taste taste) {
        this.tower = tower;
        this.taste = taste;
    }

    /** A taste that has learnt nothing yet, on a model by name or folder. */
    public static TasteTeacher of(String model, Function<String, Path> models, String device) {
        var tower = Tower.open(models.apply(model), Device.parse(device), Tower.Look.PUBLISHED);
        return new TasteTeacher(tower, new Taste(model, tower.hashes(), List.of(), List.of()));
    }

    /**
     * Goes on with what a taste knows.
     *
     * @throws TillerException if its model's weights are not the ones it was learnt on
     */
    public static TasteTeacher of(Taste taste, Function<String, Path> models, String device) {
        var tower = Tower.open(models.apply(taste.model()), Device.parse(device), Tower.Look.PUBLISHED);
        try {
            check(taste, tower);
            return new TasteTeacher(tower, taste);
        } catch (RuntimeException | Error e) {
            tower.close();
            throw e;
        }
    }

    /** @throws TillerException if a taste was learnt on other weights than a tower's */
    static void check(Taste taste, Tower tower) {
        if (!taste.weights().equals(tower.hashes())) {
            throw new TillerException("This taste was learnt on the model " + taste.model()
                    + " with other weights than these; teach it anew, or give the model that it was learnt on.");
        }
    }

    /** A picture's place; the name is for people. */
    public Shown look(String name, Images one) {
        return new Shown(name, tower.pictures(one)[0]);
    }

    /** Learns that one was chosen over another. */
    public void prefer(Shown better, Shown worse) {
        taste = taste.prefer(better, worse);
    }

    /** All that was learnt. */
    public Taste taste() {
        return taste;
    }

    @Override
    public void close() {
        tower.close();
    }
}
