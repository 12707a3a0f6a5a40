// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Column;
import dev.tiller.viewer.RunHistory.Curve;
import dev.tiller.viewer.RunHistory.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The curves of a run: rewards, those that nobody steers by, how many particles count and how many of the first ones have
 * descendants, the evidence; where noise was optimised, gradients and priors.
 */
public final class Plots {
    /** Names, by which plots are told apart; their titles are in the bundle. */
    public static final String REWARD = "reward";

    public static final String EFFECTIVE = "effective";
    public static final String EVIDENCE = "evidence";
    public static final String GRADIENT = "gradient";
    public static final String PRIOR = "prior";
    public static final String HELD_OUT = "held-out: ";
    private static final String PART = "part: ";

    private final RunHistory history;
    private final Lineage lineage;
    private final List<Plot> plots = new ArrayList<>();

    private Plots(RunHistory history, Lineage lineage) {
        this.history = history;
        this.lineage = lineage;
    }

    /**
     * All that have something to show, the most telling first.
     *
     * @param lineage of the same run, not thinned
     */
    public static List<Plot> of(RunHistory history, Lineage lineage) {
        return new Plots(history, lineage).all();
    }

    private List<Plot> all() {
        plots.add(particles(
                REWARD,
                Messages.of("plot.reward"),
                history.columns().stream().map(c -> new Point(c, c.rewards())).toList(),
                false));
        for (var curve : history.heldOut()) {
            var plot = particles(
                    HELD_OUT + curve.name(), Messages.of("plot.held-out", curve.name()), curve.points(), true);
            history.gamedAt(curve).ifPresent(plot::alarm);
            plots.add(plot);
        }
        if (history.isAscent()) {
            plots.add(curve(GRADIENT, history.gradientNorms()));
            plots.add(curve(PRIOR, history.priors()));
        } else {
            plots.add(effective());
            plots.add(evidence());
        }
        if (history.rewardParts().size() > 1) {
            history.rewardParts()
                    .forEach(part -> plots.add(particles(PART + part.name(), part.name(), part.points(), true)));
        }
        plots.removeIf(Plot::isEmpty);
        return plots;
    }

    private Plot curve(String name, Curve curve) {
        return particles(name, Messages.of("plot." + name), curve.points(), true);
    }

    /** A value of each particle along its descent, in the colour of its family. */
    private Plot particles(String name, String title, List<Point> points, boolean withMean) {
        var plot = new Plot(name, title, withMean ? Messages.of("plot.mean") : "", Palette::text);
        var columns = history.columns();
        int c = 0;
        for (int p = 0; p < points.size(); p++) {
            var point = points.get(p);
            while (columns.get(c).step() < point.column().step()) {
                c++;
            }
            int step = point.column().step() + 1;
            // Values tell of their forebears only where these were asked too.
            boolean asked = p > 0
                    && c > 0
                    && points.get(p - 1).column().step() == columns.get(c - 1).step();
            var before = asked ? points.get(p - 1) : null;
            for (int slot = 0; slot < point.values().length; slot++) {
                boolean survives = lineage.survives(c, slot);
                int family = lineage.line(c, slot);
                Function<Palette, Ink> ink = survives
                        ? palette -> palette.line(family)
                        : palette -> palette.muted().faint(0.45);
                Function<Palette, Ink> drawn =
                        withMean ? palette -> ink.apply(palette).faint(0.5) : ink;
                if (before != null) {
                    int parent = point.column().parents()[slot];
                    plot.line(
                            before.column().step() + 1,
                            before.values()[parent],
                            step,
                            point.values()[slot],
                            drawn,
                            survives && !withMean);
                }
                plot.dot(step, point.values()[slot], drawn, survives && !withMean);
            }
            if (withMean && p > 0) {
                var last = points.get(p - 1);
                plot.line(last.column().step() + 1, mean(last), step, mean(point), Palette::text, true);
            }
        }
        return plot;
    }

    private static double mean(Point point) {
        return Arrays.stream(point.values()).filter(Double::isFinite).average().orElse(Double.NaN);
    }

    private Plot effective() {
        var plot = new Plot(EFFECTIVE, Messages.of("plot.effective"), Messages.of("plot.ancestors"), Palette::accent);
        plot.fromZero();
        double step = 0;
        double value = history.particles();
        for (var point : history.ess()) {
            plot.line(step, value, point.step() + 1, point.ess(), Palette::text, true);
            step = point.step() + 1;
            value = point.ess();
            if (point.resampled()) {
                plot.mark(step);
                plot.line(step, value, step, point.after(), Palette::text, true);
                value = point.after();
            }
        }
        ancestors(plot);
        return plot;
    }

    /** They become fewer where the population was resampled, not before. */
    private void ancestors(Plot plot) {
        double step = 0;
        double value = history.particles();
        for (int c = 0; c < lineage.columns().size(); c++) {
            Column column = lineage.columns().get(c);
            plot.line(step, value, column.step() + 1, value, Palette::accent, true);
            step = column.step() + 1;
            double after = c + 1 < lineage.columns().size() ? lineage.origins(c + 1) : lineage.survivingOrigins();
            plot.line(step, value, step, after, Palette::accent, true);
            value = after;
        }
    }

    private Plot evidence() {
        var plot = new Plot(
                EVIDENCE,
                Messages.of("plot.evidence"),
                history.interventions().byHand()
                        ? Messages.of("plot.evidence.hand")
                        : history.interventions().isBranch() ? Messages.of("plot.evidence.branch") : "",
                Palette::muted);
        var points = history.ess();
        for (int p = 1; p < points.size(); p++) {
            plot.line(
                    points.get(p - 1).step() + 1,
                    points.get(p - 1).logEvidence(),
                    points.get(p).step() + 1,
                    points.get(p).logEvidence(),
                    Palette::text,
                    true);
        }
        return plot;
    }
}
