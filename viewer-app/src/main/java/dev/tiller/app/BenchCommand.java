// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import picocli.CommandLine.Command;

/** {@code tiller bench}. */
@Command(
        name = "bench",
        sortOptions = false,
        description = "Measures methods on suites of prompts at equal compute.",
        subcommands = {BenchScoreCommand.class})
final class BenchCommand extends TillerCommand {
    @Override
    public Integer call() {
        return 0;
    }
}
