// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code tiller rewards}. */
@Command(
        name = "rewards",
        description = "Which rewards there are, and how far each can be trusted.",
        subcommands = {RewardsListCommand.class, RewardsMeasureCommand.class, RewardsTeachCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller rewards list",
            "  tiller rewards measure scenes --reward clip",
            "  tiller rewards teach pairs.jsonl --out my-taste.json"
        })
final class RewardsCommand extends TillerCommand {
    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Say which: list, measure or teach.");
    }
}
