// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.StepReport;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A line that moves while a run goes on; silent where nobody would see it move. */
final class ProgressLine implements AutoCloseable {
    private final PrintWriter err;
    private final int columns;
    private final boolean shown;
    private @Nullable ProgressBar bar;
    private String task = "";

    /** @param shown whether somebody is looking */
    ProgressLine(PrintWriter err, boolean shown) {
        this.err = err;
        this.shown = shown;
        int told = Integer.getInteger("tiller.columns", 0);
        this.columns = told < 40 ? 100 : told;
    }

    /** Whether stderr is a terminal: the launcher knows, Java does not. */
    static boolean terminal() {
        return Boolean.getBoolean("tiller.terminal");
    }

    /** @param what is going on, such as "steering" */
    void step(String what, StepReport report) {
        if (!shown) {
            return;
        }
        var current = bar;
        if (current == null || !task.equals(what)) {
            close();
            task = what;
            current = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(report.steps())
                    // This step is made, and nobody knows how long it took.
                    .startsFrom(report.step() + 1L, java.time.Duration.ZERO)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .setUpdateIntervalMillis(150)
                    .setConsumer(new DelegatingProgressBarConsumer(this::draw, columns - 1))
                    .build();
            bar = current;
        }
        current.setExtraMessage(message(report));
        current.stepTo(report.step() + 1L);
    }

    private static String message(StepReport report) {
        return String.format(
                Locale.ROOT,
                " %d particles%s, ESS %.1f",
                report.particles(),
                Double.isNaN(report.bestReward()) ? "" : String.format(Locale.ROOT, ", best %.3f", report.bestReward()),
                report.ess());
    }

    private void draw(String line) {
        err.print("\r" + line);
        err.flush();
    }

    /** Ends the line, so that what is printed next begins a new one. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            err.println();
        }
    }
}
