// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.parity.Parity;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tiller parity}. */
@Command(
        name = "parity",
        description = "Computes directories of reference numbers again and prints, for each tensor, the largest error"
                + " beside what is allowed. Fails if one is too large or a directory is not supported yet.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller parity samplers/src/test/resources/golden/schedulers",
            "  tiller parity steering-core/src/test/resources/golden --json"
        })
final class ParityCommand extends TillerCommand {
    @Parameters(
            arity = "1..*",
            paramLabel = "DIR",
            description = "Directories of reference numbers, or folders of such.")
    private List<Path> directories = List.of();

    @Override
    public Integer call() {
        var report = Parity.run(directories);
        out().print(json() ? report.json() + "\n" : report.table());
        out().flush();
        return report.passed() ? 0 : Main.FAILED;
    }
}
