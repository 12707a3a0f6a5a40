// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.BenchPlan;
import dev.tiller.benchmark.BenchRunner;
import dev.tiller.benchmark.spark.SparkBench;
import dev.tiller.run.TillerException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** {@code tiller bench} for {@code spark-submit}: the same options, and the executors of a Spark cluster make the pictures. */
public final class SparkMain {
    private SparkMain() {}

    public static void main(String[] args) {
        System.exit(Main.execute(SparkMain::commandLine, args));
    }

    private static BenchRunner load(BenchPlan plan) {
        try {
            return SparkBench.load(plan);
        } catch (NoClassDefFoundError e) {
            if (String.valueOf(e.getMessage()).startsWith("org/apache/spark/")) {
                throw new TillerException("Spark is not on the class path; start this by spark-submit.", e);
            }
            throw e;
        }
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        var commandLine = new CommandLine(new BenchCommand(SparkMain::load));
        PlanArguments.addCommonTo(commandLine.getCommandSpec(), BenchCommand.NOT_COMMON);
        return Main.configured(commandLine, out, err);
    }
}
