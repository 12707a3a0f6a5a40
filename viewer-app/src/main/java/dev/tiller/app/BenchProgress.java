// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.BenchPlan;
import dev.tiller.benchmark.UnitRecord;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a benchmark gets on: on a terminal a line that moves, elsewhere a line every minute; how much is done, how long the
 * rest will take, and how each cell stands.
 */
final class BenchProgress implements Consumer<UnitRecord>, AutoCloseable {
    private static final long EVERY_NANOS = 60_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal;
    private final int units;
    private final long began = System.nanoTime();
    private final Map<String, Tally> cells = new LinkedHashMap<>();
    /** Those that were told. */
    private final Set<String> remarks = new HashSet<>();

    private int made;
    private long told = System.nanoTime();

    private static final class Tally {
        int pictures;
        int correct;
        double reward;
        boolean judged;

        void add(UnitRecord unit) {
            pictures++;
            reward += unit.reward();
            judged |= unit.correct() != null;
            correct += Boolean.TRUE.equals(unit.correct()) ? 1 : 0;
        }

        String score() {
            return String.format(Locale.ROOT, "%.2f", (judged ? correct : reward) / pictures);
        }
    }

    /** @param units to be made at most; those that are there already are not heard of */
    BenchProgress(PrintWriter err, boolean terminal, BenchPlan plan, int units) {
        this.err = err;
        this.terminal = terminal;
        this.units = units;
        plan.cells().forEach(cell -> cells.put(cell.name(), new Tally()));
    }

    @Override
    public void accept(UnitRecord unit) {
        made++;
        for (var remark : unit.remarks()) {
            if (remarks.add(remark)) {
                err.println(terminal ? "\rNote: " + remark + "\u001b[K" : "Note: " + remark);
            }
        }
        cells.computeIfAbsent(unit.cell(), c -> new Tally()).add(unit);
        if (terminal) {
            err.print("\r" + line(unit) + "\u001b[K");
            err.flush();
        } else if (System.nanoTime() - told > EVERY_NANOS) {
            told = System.nanoTime();
            err.println(line(unit));
        }
    }

    private String line(UnitRecord unit) {
        double left = (System.nanoTime() - began) / 1e9 / made * (units - made);
        var text = new StringBuilder(String.format(
                Locale.ROOT,
                "%d of %d, at most %s left",
                made,
                units,
                left < 90 ? Math.round(left) + " s" : Math.round(left / 60) + " min"));
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

    @Override
    public void close() {
        if (terminal && made > 0) {
            err.println();
        }
    }
}
