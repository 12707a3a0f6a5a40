// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.run.Cost;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes what a complete benchmark says into its folder: {@code report.html} with a page for each cell, {@code report.json},
 * {@code results.csv}, {@code table.md}, {@code table.tex}, all the same to the byte whenever the benchmark is repeated;
 * {@code seconds.md}, which is not; and the pictures in GenEval's layout.
 */
public final class BenchReport {
    private final BenchFolder folder;
    private final Results results;
    private final BenchTable table;
    private final boolean outside;

    /** @throws dev.tiller.run.TillerException if units are missing */
    public BenchReport(BenchFolder folder) {
        this.folder = folder;
        this.results = Results.in(folder);
        this.outside = OutsideDetections.in(folder, results.plan());
        this.table = BenchTable.of(results);
    }

    /** Writes everything; says where the report is. */
    public Path write() {
        var text = new BenchText(results, table);
        var files = folder.files();
        files.write("results.csv", text.csv());
        files.write("report.json", text.json());
        files.write("table.md", text.markdown());
        files.write("table.tex", text.latex());
        files.write("seconds.md", seconds());
        for (var cell : results.plan().cells()) {
            export(cell);
        }
        var html = new BenchHtml(results, table, folder::picture, detector());
        for (var cell : results.plan().cells()) {
            files.write(html.page(cell), html.gallery(cell));
        }
        return files.write("report.html", html.report());
    }

    /** The headline table in Markdown. */
    public String markdown() {
        return new BenchText(results, table).markdown();
    }

    /** As JSON. */
    public String json() {
        return new BenchText(results, table).json();
    }

    private String detector() {
        if (outside) {
            return "Objects were found by the detector that wrote geneval/CELL/detections.jsonl; the numbers can be compared"
                    + " with others of that detector.";
        }
        if (results.plan().suite().prompts().stream().anyMatch(p -> p.rules() == null)) {
            return "Not every prompt has rules that pictures could be judged by: rewards are all there is.";
        }
        return results.judged()
                ? Detectors.remark(results.plan())
                : "No detector judged these pictures: run one on the folder geneval, leave what it found as"
                        + " geneval/CELL/detections.jsonl, and write this report again with 'tiller bench report'.";
    }

    /** {@code CELL/00000/metadata.jsonl} and {@code samples/0000.png}: what GenEval's evaluator reads. */
    private void export(Cell cell) {
        for (int p = 0; p < results.plan().suite().prompts().size(); p++) {
            var place = "geneval/%s/%05d/".formatted(results.plan().fileName(cell), p);
            folder.files()
                    .write(
                            place + "metadata.jsonl",
                            BenchPlan.promptJson(
                                            results.plan().suite().prompts().get(p)) + "\n");
            for (var unit : results.of(cell, p)) {
                folder.files().write(place + "samples/" + exportName(unit), folder.picture(unit));
            }
        }
    }

    /** An image's name among those of its prompt. */
    static String exportName(UnitRecord unit) {
        return "%04d.png".formatted(unit.image());
    }

    /**
     * Seconds, and who wins at equal time: beside every cell the best-of-n that takes about as long, by interpolation
     * between its budgets on a logarithmic axis. And what judges were paid, which hangs on what was answered before.
     */
    private String seconds() {
        Map<Cell, Double> seconds = new LinkedHashMap<>();
        Map<Cell, String> paid = new LinkedHashMap<>();
        boolean anyPaid = false;
        double all = 0;
        double overhead = 0;
        for (var cell : results.plan().cells()) {
            double sum = 0;
            int n = 0;
            var cost = Cost.NONE;
            for (int p = 0; p < results.plan().suite().prompts().size(); p++) {
                for (var unit : results.of(cell, p)) {
                    sum += unit.seconds();
                    overhead += unit.overhead();
                    cost = cost.plus(unit.cost());
                    n++;
                }
            }
            all += sum;
            seconds.put(cell, sum / n);
            paid.put(
                    cell,
                    String.format(
                            Locale.ROOT,
                            " %.1f | %.0f |",
                            (double) cost.judgeCalls() / n,
                            (double) cost.judgeTokens() / n));
            anyPaid |= cost.judgeCalls() + cost.judgeTokens() > 0;
        }
        var text =
                new StringBuilder("Seconds a picture on the machine that made it, and what best-of-n reaches in as many"
                        + (anyPaid
                                ? "; calls of judges over the network and their tokens, where no answer was kept from before"
                                : "")
                        + ".\n\n| cell | seconds | overall | best-of-n in that time |"
                        + (anyPaid ? " judge calls | judge tokens |" : "")
                        + "\n|---|---|---|---|"
                        + (anyPaid ? "---|---|" : "")
                        + "\n");
        for (var row : table.rows()) {
            double s = seconds.getOrDefault(row.cell(), Double.NaN);
            var best = results.plan().cells().stream()
                    .filter(c -> c.isBestOfN() && c.model().equals(row.cell().model()))
                    .sorted(Comparator.comparingInt(Cell::budget))
                    .toList();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.3f | %s |%s\n",
                    BenchText.inTable(row.cell().name()),
                    s,
                    row.score().value(),
                    row.cell().isBestOfN() ? "" : inThatTime(s, best, seconds),
                    anyPaid ? paid.getOrDefault(row.cell(), "") : ""));
        }
        if (overhead > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "%nScheduling, hashing, encoding and writing took %.2f of %.2f s, %.2f %%.%n",
                    overhead,
                    all,
                    100 * overhead / all));
        }
        return text.toString();
    }

    private String inThatTime(double s, List<Cell> best, Map<Cell, Double> seconds) {
        for (int i = 1; i < best.size(); i++) {
            double before = seconds.getOrDefault(best.get(i - 1), Double.NaN);
            double after = seconds.getOrDefault(best.get(i), Double.NaN);
            if (before <= s && s <= after) {
                double share = after == before ? 0 : Math.log(s / before) / Math.log(after / before);
                double low = score(best.get(i - 1));
                return String.format(Locale.ROOT, "%.3f", low + share * (score(best.get(i)) - low));
            }
        }
        return "outside of what was measured";
    }

    private double score(Cell cell) {
        return results.overall(cell).value();
    }
}
