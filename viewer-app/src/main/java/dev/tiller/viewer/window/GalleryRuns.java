// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.gallery.Entry;
import dev.tiller.gallery.Gallery;
import dev.tiller.gallery.Query;
import dev.tiller.record.RunMarks;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Messages;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.application.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The gallery behind the window: one thread looks at the folders, another answers searches, and neither keeps the window
 * waiting. All methods are called on the JavaFX thread, and what they are told comes back on it.
 */
final class GalleryRuns {
    /** More than fit in a window: they are shown before the rest is read. */
    private static final int FIRST = 200;

    private final Shelf shelf;
    private final Supplier<Query> query;
    private final Consumer<List<Entry>> shown;
    private final BiConsumer<String, Boolean> say;
    private final ExecutorService scanner = thread("gallery-scan");
    private final ExecutorService finder = thread("gallery-find");
    private @Nullable CompletableFuture<Gallery> gallery;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param query what to show now
     * @param shown hears what was found
     * @param say hears sentences, and whether something is wrong
     */
    GalleryRuns(Shelf shelf, Supplier<Query> query, Consumer<List<Entry>> shown, BiConsumer<String, Boolean> say) {
        this.shelf = shelf;
        this.query = query;
        this.shown = shown;
        this.say = say;
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(work -> {
            var thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Shows what is known, looks at the folders, and shows what is new as it is found. */
    void scan() {
        var index = gallery;
        if (index == null) {
            index = CompletableFuture.supplyAsync(() -> shelf.open(remark -> tell(remark, false)), scanner);
            gallery = index;
        }
        find();
        index.thenAcceptAsync(
                        g -> {
                            var scan = g.scan(shelf.roots(), () -> Platform.runLater(this::find), () -> closed);
                            if (!scan.problems().isEmpty()) {
                                tell(
                                        Messages.of(
                                                "gallery.problems",
                                                scan.problems().size(),
                                                scan.problems().get(0)),
                                        false);
                            }
                        },
                        scanner)
                .exceptionally(this::failed);
    }

    /** Asks anew; only the latest question is answered. */
    void find() {
        var index = gallery;
        if (index == null) {
            return;
        }
        int mine = asked.incrementAndGet();
        var question = query.get();
        index.thenAcceptAsync(
                        g -> {
                            if (mine == asked.get() && !closed) {
                                var first = g.find(question, FIRST);
                                answer(mine, first);
                                if (first.size() == FIRST && mine == asked.get()) {
                                    answer(mine, g.find(question));
                                }
                            }
                        },
                        finder)
                .exceptionally(this::failed);
    }

    private void answer(int question, List<Entry> found) {
        Platform.runLater(() -> {
            if (question == asked.get()) {
                shown.accept(found);
            }
        });
    }

    /** Marks a run, and shows it. */
    void mark(Entry run, RunMarks marks) {
        var index = gallery;
        if (index != null) {
            index.thenAcceptAsync(
                            g -> {
                                g.mark(run.folder(), marks);
                                Platform.runLater(this::find);
                            },
                            finder)
                    .exceptionally(this::failed);
        }
    }

    private void tell(String sentence, boolean alarm) {
        Platform.runLater(() -> say.accept(sentence, alarm));
    }

    private @Nullable Void failed(Throwable e) {
        var cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (!closed) {
            tell(
                    cause instanceof TillerException
                            ? String.valueOf(cause.getMessage())
                            : Messages.of("gallery.broken", cause),
                    true);
        }
        return null;
    }

    void close() {
        closed = true;
        var index = gallery;
        if (index != null) {
            // After what is under way; the scan stops at its next batch.
            index.thenAcceptAsync(
                            g -> {
                                finder.execute(g::close);
                                scanner.shutdown();
                                finder.shutdown();
                            },
                            scanner)
                    .exceptionally(this::failed);
        }
    }
}
