// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.BenchListener;
import dev.tiller.benchmark.BenchPlan.Unit;
import dev.tiller.benchmark.UnitRecord;
import dev.tiller.viewer.RoughTime;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How a benchmark gets on: on a terminal a line that moves, elsewhere a line every minute; how much is done, how long the
 * rest will take, and how each cell stands.
 */
final class BenchProgress implements BenchListener, AutoCloseable {
    private static final long EVERY_NANOS = 60_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier clock;
    private final int units;
    private final Map<String, Tally> cells = new LinkedHashMap<>();
    /** Those that were told. */
    private final Set<String> remarks = new HashSet<>();

    private int done;
    private long began;
    private long told;

    private static final class Tally {
        int wanted;
        int pictures;
        int made;
        double seconds;
        int correct;
        double reward;
        boolean judged;

        void add(UnitRecord unit) {
            pictures++;
            seconds += unit.seconds();
            reward += unit.reward();
            judged |= unit.correct() != null;
            correct += Boolean.TRUE.equals(unit.correct()) ? 1 : 0;
        }

        String score() {
            return String.format(Locale.ROOT, "%.2f", (judged ? correct : reward) / pictures);
        }
    }

    /** @param units to be there in the end */
    BenchProgress(PrintWriter err, boolean terminal, List<Unit> units) {
        this(err, terminal, units, System::nanoTime);
    }

    /** @param clock in nanoseconds */
    BenchProgress(PrintWriter err, boolean terminal, List<Unit> units, LongSupplier clock) {
        this.err = err;
        this.terminal = terminal;
        this.clock = clock;
        this.units = units.size();
        units.forEach(unit -> tally(unit.cell().name()).wanted++);
        began = clock.getAsLong();
        told = began;
    }

    private Tally tally(String cell) {
        return cells.computeIfAbsent(cell, c -> new Tally());
    }

    @Override
    public void kept(UnitRecord unit) {
        done++;
        tally(unit.cell()).add(unit);
        began = clock.getAsLong();
    }

    @Override
    public void made(UnitRecord unit) {
        done++;
        for (var remark : unit.remarks()) {
            if (remarks.add(remark)) {
                err.println(terminal ? "\rNote: " + remark + "\u001b[K" : "Note: " + remark);
            }
        }
        var tally = tally(unit.cell());
        tally.add(unit);
        tally.made++;
        if (terminal) {
            err.print("\r" + line(unit) + "\u001b[K");
            err.flush();
        } else if (clock.getAsLong() - told > EVERY_NANOS) {
            told = clock.getAsLong();
            err.println(line(unit));
        }
    }

    private String line(UnitRecord unit) {
        var text = new StringBuilder(
                String.format(Locale.ROOT, "%d of %d, about %s left", done, units, RoughTime.of(left())));
        cells.forEach((name, tally) -> {
            if (tally.pictures > 0) {
                text.append(name.equals(unit.cell()) ? " | *" : " | ")
                        .append(name)
                        .append(' ')
                        .append(tally.score());
            }
        });
        int columns = Math.max(40, Integer.getInteger("tiller.columns", 100)) - 1;
        return terminal && text.length() > columns ? text.substring(0, columns) : text.toString();
    }

    /** Seconds, by how long a picture of each cell takes; of one that none was made of, as long as one of all. */
    private double left() {
        double all = cells.values().stream().mapToDouble(t -> t.seconds).sum() / done;
        double made = 0;
        double missing = 0;
        for (var tally : cells.values()) {
            double one = tally.pictures == 0 ? all : tally.seconds / tally.pictures;
            made += one * tally.made;
            missing += one * (tally.wanted - tally.pictures);
        }
        return made == 0 ? 0 : (clock.getAsLong() - began) / 1e9 / made * missing;
    }

    @Override
    public void close() {
        if (terminal && done > 0) {
            err.println();
        }
    }
}
