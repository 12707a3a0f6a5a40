// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.spark.SparkBench;
import java.io.PrintWriter;
import picocli.CommandLine;

/** {@code tiller bench} for {@code spark-submit}: the same options, and the executors of a Spark cluster make the pictures. */
public final class SparkMain {
    private SparkMain() {}

    public static void main(String[] args) {
        System.exit(Main.execute(SparkMain::commandLine, args));
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        var commandLine = new CommandLine(new BenchCommand(SparkBench::load));
        PlanArguments.addCommonTo(commandLine.getCommandSpec(), BenchCommand.NOT_COMMON);
        return Main.configured(commandLine, out, err);
    }
}
