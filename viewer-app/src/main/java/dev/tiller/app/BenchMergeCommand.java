// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchReport;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller bench merge}. */
@Command(
        name = "merge",
        description =
                "Puts the shards of a benchmark together and writes the report, which is that of an undivided run.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller bench merge --out runs/bench runs/shard1 runs/shard2 runs/shard3"})
final class BenchMergeCommand extends TillerCommand {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to put them into.")
    private Path out = Path.of("");

    @Parameters(arity = "1..*", paramLabel = "SHARD", description = "Folders of the shards.")
    private List<Path> shards = List.of();

    @Override
    public Integer call() {
        // What is in --out already need not be put there.
        var others = shards.stream()
                .filter(shard -> !BenchReportCommand.same(shard, out))
                .toList();
        try (var whole = others.isEmpty() ? BenchFolder.open(out) : BenchFolder.copyOf(others.get(0), out)) {
            for (var shard : others) {
                try (var part = BenchFolder.reading(shard)) {
                    whole.take(part);
                }
            }
            var report = new BenchReport(whole);
            var file = report.write();
            out().print(json() ? report.json() : report.markdown() + "Report: " + file + "\n");
            out().flush();
        }
        return 0;
    }
}
