// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import dev.tiller.viewer.Lineage;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.Plot;
import dev.tiller.viewer.Plots;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.RunHistory.Column;
import dev.tiller.viewer.window.Orders.Order;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import org.jspecify.annotations.Nullable;

/**
 * A run as the views see it: its history so far, the step that is looked at, the particle that is chosen, and what the mouse
 * points at. The cursor follows a run that goes on until somebody moves it back.
 */
public final class Film {
    /**
     * A particle at a judging.
     *
     * @param column index of the judging
     * @param slot -1 where only the column is meant
     */
    record Spot(int column, int slot) {
        static final Spot NOWHERE = new Spot(-1, -1);
    }

    private final RunHistory history;
    private final Pictures pictures;
    private final ReadOnlyIntegerWrapper frames = new ReadOnlyIntegerWrapper();
    private final ReadOnlyIntegerWrapper judgings = new ReadOnlyIntegerWrapper();
    private final IntegerProperty cursor = new SimpleIntegerProperty();
    private final IntegerProperty slot = new SimpleIntegerProperty(-1);
    private final ObjectProperty<Spot> hover = new SimpleObjectProperty<>(Spot.NOWHERE);
    private final BooleanProperty noisy = new SimpleBooleanProperty();
    private final ObjectProperty<List<Order>> orders = new SimpleObjectProperty<>(List.of());
    private boolean begun;
    private @Nullable Lineage lineage;
    private @Nullable List<Plot> plots;
    private Consumer<Previewed> coming = previewed -> {};

    /** @param pictures where the pictures that the events name are found */
    public Film(Pictures pictures) {
        this(pictures, new RunHistory());
    }

    /**
     * What has happened already, seen from its end.
     *
     * @param history the film's from now on
     */
    Film(Pictures pictures, RunHistory history) {
        this.pictures = pictures;
        this.history = history;
        begun = history.begun();
    }

    /** Takes what has happened since; the views are told once. */
    public void take(List<RunEvent> events) {
        boolean following = follows();
        boolean news = false;
        boolean judged = false;
        for (var event : events) {
            // Pictures come before the judging that they belong to, and are not shown until then.
            boolean shown = !(event instanceof Previewed previewed)
                    || previewed.stage() == Stage.FINAL
                    || (!history.columns().isEmpty()
                            && previewed.step()
                                    <= history.columns().get(lastColumn()).step());
            news |= shown;
            if (!shown) {
                coming.accept((Previewed) event);
            }
            judged |= shown && !(event instanceof StepDone || event instanceof Located || event instanceof Warned);
            history.on(event);
            begun = true;
        }
        if (judged) {
            lineage = null;
            judgings.set(judgings.get() + 1);
        }
        if (following) {
            cursor.set(lastColumn());
        }
        if (news) {
            plots = null;
            frames.set(frames.get() + 1);
        }
    }

    /** Who hears of pictures that have come and are not shown before the judging that they belong to. */
    void onComing(Consumer<Previewed> listener) {
        coming = listener;
    }

    /** Has the views look at the end of what happened before they were there. */
    void announce() {
        judgings.set(judgings.get() + 1);
        frames.set(frames.get() + 1);
        cursor.set(lastColumn());
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

    /** Changes whenever something new was taken that is to be shown. */
    public ReadOnlyIntegerProperty frames() {
        return frames.getReadOnlyProperty();
    }

    /** Changes whenever something new was taken that concerns who descends from whom, or their pictures. */
    ReadOnlyIntegerProperty judgings() {
        return judgings.getReadOnlyProperty();
    }

    /** Which of {@link RunHistory#columns()} is looked at; 0 also where there is none. */
    public IntegerProperty cursor() {
        return cursor;
    }

    /** The slot, in the column under the cursor, that is chosen; -1 for none. */
    public IntegerProperty slot() {
        return slot;
    }

    /** What the mouse points at in one of the views, so that the others can show it too. */
    ObjectProperty<Spot> hover() {
        return hover;
    }

    /** What was decided about particles of the last column, and is carried out when the run goes on. */
    ObjectProperty<List<Order>> orders() {
        return orders;
    }

    /** The index of the last column; 0 also where there is none. */
    public int lastColumn() {
        return Math.max(0, history.columns().size() - 1);
    }

    /** Moves the cursor by so many judged steps, as far as there are some. */
    void move(int by) {
        cursor.set(Math.max(0, Math.min(lastColumn(), index() + by)));
    }

    /** The index of the column under the cursor; 0 also where there is none. */
    public int index() {
        return Math.min(cursor.get(), lastColumn());
    }

    /** The column under the cursor, if there is one yet. */
    public @Nullable Column column() {
        var columns = history.columns();
        return columns.isEmpty() ? null : columns.get(index());
    }

    /** The SHA-256 of what a slot of a column was about to become; at the last step, of what it became. */
    public Optional<String> picture(Column at, int of) {
        return history.picture(at, of);
    }

    /** Whether particles are shown with the noise that they had, rather than as what they are about to become. */
    BooleanProperty noisy() {
        return noisy;
    }

    /** The SHA-256 of how a slot of a column is to be shown. */
    Optional<String> shown(Column at, int of) {
        return noisy.get() ? history.noisyPicture(at.step(), of) : history.picture(at, of);
    }

    /** Whether the last column is looked at, and so the next as soon as there is one. */
    boolean follows() {
        return cursor.get() >= lastColumn();
    }

    /** Who descends from whom, all columns; those that live now are the ones that survive. */
    public Lineage lineage() {
        var known = lineage;
        if (known == null) {
            known = Lineage.of(history);
            lineage = known;
        }
        return known;
    }

    /** All curves that there are; none before the run has begun. */
    List<Plot> plots() {
        var known = plots;
        if (known == null) {
            known = begun ? Plots.of(history, lineage()) : List.of();
            plots = known;
        }
        return known;
    }

    /** Makes ready what the views will ask for first; on whatever thread, before they have this film. */
    Film ready() {
        plots();
        return this;
    }
}
