// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.BenchComparison;
import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchReport;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code tiller bench report}. */
@Command(
        name = "report",
        description = "Writes the report of a benchmark again, or compares two on the same prompts.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller bench report runs/bench", "  tiller bench report --compare runs/before runs/after"})
final class BenchReportCommand extends TillerCommand {
    @Parameters(arity = "1..2", paramLabel = "DIR", description = "The folder of a benchmark; two to compare.")
    private List<Path> folders = List.of();

    @Option(names = "--compare", description = "Say in what cells the second folder differs from the first.")
    private boolean compare;

    static boolean same(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false; // One that is not there is told of when it is opened.
        }
    }

    @Override
    public Integer call() {
        if (folders.size() != (compare ? 2 : 1)) {
            throw new ParameterException(
                    spec.commandLine(), "Name one folder, or two with --compare: tiller bench report --compare A B.");
        }
        if (compare) {
            out().print(compared(folders.get(0), folders.get(1)));
        } else {
            try (var folder = BenchFolder.open(folders.get(0))) {
                var report = new BenchReport(folder);
                var file = report.write();
                out().print(json() ? report.json() : report.markdown() + "Report: " + file + "\n");
            }
        }
        out().flush();
        return 0;
    }

    private String compared(Path one, Path other) {
        if (same(one, other)) {
            throw new TillerException("The two folders are the same one, " + one + ".");
        }
        try (var before = BenchFolder.reading(one);
                var after = BenchFolder.reading(other)) {
            var comparison = BenchComparison.of(before, after);
            return json() ? comparison.json() : comparison.markdown();
        }
    }
}
