// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.RunHistory.Curve;
import dev.tiller.viewer.RunHistory.Point;
import java.util.List;

/** The numbers of a run as CSV (RFC 4180), one a row: step (from 1), particle (from 1; empty where it is of all), name, value. */
final class CurvesCsv {
    private final StringBuilder csv = new StringBuilder("step,particle,quantity,value\r\n");

    private CurvesCsv() {}

    static String of(RunHistory history) {
        var table = new CurvesCsv();
        var columns = history.columns();
        table.add(new Curve(
                "reward", columns.stream().map(c -> new Point(c, c.rewards())).toList()));
        table.add(new Curve(
                "weight", columns.stream().map(c -> new Point(c, c.weights())).toList()));
        for (var column : columns) {
            for (int slot = 0; slot < column.parents().length; slot++) {
                table.row(column.step(), slot, "parent", Integer.toString(column.parents()[slot] + 1));
            }
        }
        history.rewardParts().forEach(part -> table.add(new Curve("reward: " + part.name(), part.points())));
        history.heldOut().forEach(held -> table.add(new Curve(Plots.HELD_OUT + held.name(), held.points())));
        for (var curve : List.of(history.gradientNorms(), history.priors())) {
            table.add(curve);
        }
        for (var point : history.ess()) {
            table.row(point.step(), -1, "effective particles", number(point.ess()));
            table.row(point.step(), -1, "log evidence", number(point.logEvidence()));
        }
        var lineage = Lineage.of(history);
        for (int c = 0; c < columns.size(); c++) {
            table.row(columns.get(c).step(), -1, "unique ancestors", Integer.toString(lineage.origins(c)));
        }
        return table.csv.toString();
    }

    private void add(Curve curve) {
        for (var point : curve.points()) {
            for (int slot = 0; slot < point.values().length; slot++) {
                row(point.column().step(), slot, curve.name(), number(point.values()[slot]));
            }
        }
    }

    /** Values that are no finite number are left out. */
    private void row(int step, int slot, String name, String value) {
        if (!value.isEmpty()) {
            csv.append(step + 1)
                    .append(',')
                    .append(slot < 0 ? "" : slot + 1)
                    .append(',')
                    .append(quoted(name))
                    .append(',')
                    .append(value)
                    .append("\r\n");
        }
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }

    private static String quoted(String text) {
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
