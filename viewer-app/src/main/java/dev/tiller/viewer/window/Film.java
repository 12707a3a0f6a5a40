// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.viewer.Lineage;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.RunHistory.Column;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.SimpleIntegerProperty;
import org.jspecify.annotations.Nullable;

/**
 * A run as the views see it: its history so far, the step that is looked at, the particle that is pointed at. The cursor
 * follows a run that goes on until somebody moves it back.
 */
public final class Film {
    private final RunHistory history = new RunHistory();
    private final Pictures pictures;
    private final ReadOnlyIntegerWrapper frames = new ReadOnlyIntegerWrapper();
    private final IntegerProperty cursor = new SimpleIntegerProperty();
    private final IntegerProperty slot = new SimpleIntegerProperty(-1);
    private boolean begun;
    private @Nullable Lineage lineage;

    /** @param pictures where the pictures that the events name are found */
    public Film(Pictures pictures) {
        this.pictures = pictures;
    }

    /** Takes what has happened since; the views are told once. */
    public void take(List<RunEvent> events) {
        boolean following = cursor.get() >= lastColumn();
        for (var event : events) {
            history.on(event);
            begun = true;
        }
        lineage = null;
        if (following) {
            cursor.set(lastColumn());
        }
        frames.set(frames.get() + 1);
    }

    /** Whether there is anything to show. */
    public boolean begun() {
        return begun;
    }

    public RunHistory history() {
        return history;
    }

    public Pictures pictures() {
        return pictures;
    }

    /** Changes whenever something new was taken. */
    public ReadOnlyIntegerProperty frames() {
        return frames.getReadOnlyProperty();
    }

    /** Which of {@link RunHistory#columns()} is looked at; 0 also where there is none. */
    public IntegerProperty cursor() {
        return cursor;
    }

    /** The slot, in the column under the cursor, that is pointed at; -1 for none. */
    public IntegerProperty slot() {
        return slot;
    }

    /** The index of the last column; 0 also where there is none. */
    public int lastColumn() {
        return Math.max(0, history.columns().size() - 1);
    }

    /** The column under the cursor, if there is one yet. */
    public @Nullable Column column() {
        var columns = history.columns();
        return columns.isEmpty() ? null : columns.get(Math.min(cursor.get(), columns.size() - 1));
    }

    /** The SHA-256 of what a slot of a column was about to become; at the last step, of what it became. */
    public Optional<String> picture(Column at, int of) {
        return history.preview(at.step(), of)
                .or(() -> at.step() == history.steps() - 1 ? history.finalPicture(of) : Optional.empty());
    }

    /** Who descends from whom, all columns; those that live now are the ones that survive. */
    public Lineage lineage() {
        var known = lineage;
        if (known == null) {
            int alive = begun ? history.alive() : 0;
            var now = IntStream.range(0, history.columns().isEmpty() ? 0 : alive)
                    .map(history::inLastColumn)
                    .distinct()
                    .boxed()
                    .toList();
            known = new Lineage(history.columns(), Integer.MAX_VALUE, now);
            lineage = known;
        }
        return known;
    }
}
