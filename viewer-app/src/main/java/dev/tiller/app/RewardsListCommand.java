// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardProvider;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import picocli.CommandLine.Command;

/** {@code tiller rewards list}. */
@Command(
        name = "list",
        description = "Every reward that can be named: what it says, in which unit, whether it has gradients, what it"
                + " needs and whether that is here.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller rewards list", "  tiller rewards list --json | jq -r '.[] | select(.gradients).name'"})
final class RewardsListCommand extends TillerCommand {
    @Override
    public Integer call() {
        var list = JSON.createArrayNode();
        for (var provider : RewardCatalogue.load(Images.class).all()) {
            var info = provider.info();
            var needs = needs(provider);
            if (json()) {
                var node = list.addObject()
                        .put("name", info.name())
                        .put("description", info.description())
                        .put("unit", info.unit())
                        .put("gradients", info.differentiable())
                        .put("judges_only", info.judgeOnly())
                        .put("needs", needs);
                var options = node.putArray("options");
                for (var option : provider.options()) {
                    options.addObject()
                            .put("key", option.key())
                            .put("meaning", option.meaning())
                            .put("otherwise", option.otherwise());
                }
            } else {
                out().println(info.name() + ": " + info.description());
                out().println("    unit       " + info.unit());
                out().println("    gradients  " + (info.differentiable() ? "yes" : "no"));
                if (!needs.isEmpty()) {
                    out().println("    needs      " + needs);
                }
                for (var option : provider.options()) {
                    out().println("    " + option.key() + "=  " + option.meaning() + " (" + option.otherwise() + ")");
                }
            }
        }
        if (json()) {
            print(list);
        }
        return 0;
    }

    /** The model that it takes by itself, and whether it is to be found. */
    private static String needs(RewardProvider<Images> provider) {
        for (var option : provider.options()) {
            if (option.key().equals("model") && !option.otherwise().equals("default")) {
                try {
                    models().locate(option.otherwise());
                    return "the model " + option.otherwise() + ", which is here";
                } catch (TillerException e) {
                    return "the model " + option.otherwise() + ", which is not here";
                }
            }
            if (option.otherwise().equals("must be given")) {
                return option.key() + "=, " + option.meaning();
            }
        }
        return "";
    }
}
