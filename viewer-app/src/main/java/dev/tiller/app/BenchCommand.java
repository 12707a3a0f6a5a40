// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.benchmark.Bench;
import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchPlan;
import dev.tiller.benchmark.BenchReport;
import dev.tiller.benchmark.BenchRunner;
import dev.tiller.benchmark.BenchSettings;
import dev.tiller.benchmark.Estimation;
import dev.tiller.benchmark.OfficialPrompts;
import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code tiller bench}. */
@Command(
        name = "bench",
        sortOptions = false,
        description =
                "Measures methods on a suite of prompts at equal compute, with intervals. Stopped or killed, the same"
                        + " command goes on where it was.",
        subcommands = {BenchScoreCommand.class, BenchReportCommand.class, BenchMergeCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller bench --suite scenes --methods base,bon,fk,svdd,reno --particles 2,4,8 --images 4 --seed 42 --out runs/bench",
            "  tiller bench --suite scenes --methods \"base,bon,fk(lambda=10)\" --first 5 --dry-run",
            "  tiller bench --suite geneval --fetch --model ~/models/sd15 --guidance 7.5 --out runs/geneval \\",
            "      --reward \"clip(model=openai/clip-vit-large-patch14)\" \\",
            "      --detector \"detr(path=facebook/detr-resnet-50, colors=openai/clip-vit-large-patch14)\"",
            "  tiller bench --suite PartiPrompts.tsv --judges aesthetic --out runs/parti     rewards only",
            "  tiller bench --plan bench.yaml --shard 2/3 --out runs/shard2",
            "  tiller bench --plan bench.yaml --images 8 --reuse runs/bench --out runs/bench8"
        })
final class BenchCommand extends TillerCommand {
    /** Options of runs that a benchmark chooses itself, or has no use for. */
    static final Set<dev.tiller.method.Option<?>> NOT_COMMON = Set.of(
            RunPlan.PROMPT,
            RunPlan.METHOD,
            RunPlan.PARTICLES,
            RunPlan.SEED,
            RunPlan.TORCH_SEED,
            RunPlan.UNSTEERED,
            RunPlan.BASELINE,
            RunPlan.BRANCH_FROM,
            RunPlan.BRANCH_STEP,
            RunPlan.BRANCH_PARTICLE);

    @Option(
            names = "--suite",
            paramLabel = "NAME|FILE",
            description =
                    "scenes, geneval, or prompts in a file: .jsonl (as GenEval's metadata), .csv or .tsv (PartiPrompts,"
                            + " DrawBench), .txt. Default: scenes.")
    private @Nullable String suite;

    @Option(
            names = "--methods",
            paramLabel = "LIST",
            description =
                    "Separated by commas, each perhaps with options: base,bon,fk(lambda=10). Default: base,bon,fk.")
    private @Nullable String methods;

    @Option(
            names = "--particles",
            paramLabel = "N",
            split = ",",
            description = "Levels of compute: how many times what a plain picture costs. Default: 4.")
    private @Nullable List<Integer> particles;

    @Option(names = "--images", paramLabel = "N", description = "Of each prompt and method. Default: 4.")
    private @Nullable Integer images;

    @Option(names = "--seed", paramLabel = "N", description = "The one source of randomness. Default: 0.")
    private @Nullable Long seed;

    @Option(
            names = "--judges",
            paramLabel = "LIST",
            description = "Rewards that look at the answers and steer nothing, separated by commas.")
    private @Nullable List<String> judges;

    @Option(
            names = "--detector",
            paramLabel = "EXPRESSION",
            description =
                    "Who finds the objects in photographs: detr(path=FOLDER), a DETR in transformers' layout such as"
                            + " facebook/detr-resnet-50, or torchscript(path=FILE, labels=FILE), any detector exported as"
                            + " docs/benchmark.md says; with colors=FOLDER, a CLIP model that tells their colours. Default: the"
                            + " verifier of the scene world, for suites of it.")
    private @Nullable String detector;

    @Option(names = "--first", paramLabel = "N", description = "Only the first N prompts of each category.")
    private @Nullable Integer first;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "The same in YAML or JSON: suite, methods, particles, images,"
                    + " seed, judges, detector, first, options. What the command line says as well, counts.")
    private @Nullable Path plan;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder to write to, or to go on in. Default: runs/bench.")
    private Path out = Path.of("runs", "bench");

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description = "Make only the I-th of N parts; each part has its own folder. See tiller bench merge.")
    private @Nullable String shard;

    @Option(
            names = "--reuse",
            paramLabel = "DIR",
            description =
                    "Take pictures over from the folder of another benchmark, such as one with fewer images or methods;"
                            + " those that are the same in all they depend on are not made again.")
    private @Nullable Path reuse;

    @Option(
            names = "--dry-run",
            description = "Say what it would take, and make nothing but a picture of each method to measure by.")
    private boolean dryRun;

    @Option(names = "--fetch", description = "Fetch GenEval's prompts for --suite geneval, if they are not there.")
    private boolean fetch;

    private final Function<BenchPlan, BenchRunner> runners;

    /** In this process. */
    BenchCommand() {
        this(BenchCommand::load);
    }

    /** @param runners load what makes a plan's pictures */
    BenchCommand(Function<BenchPlan, BenchRunner> runners) {
        this.runners = runners;
    }

    private static Bench load(BenchPlan plan) {
        return Bench.load(plan, models(), RewardCatalogue.load(Images.class));
    }

    @Override
    public Integer call() {
        if (fetch) {
            OfficialPrompts.fetch();
        }
        var said = new BenchSettings(
                suite,
                methods == null ? null : BenchSettings.separated(methods),
                particles,
                images,
                seed,
                judges == null
                        ? null
                        : judges.stream()
                                .flatMap(list -> BenchSettings.separated(list).stream())
                                .toList(),
                detector,
                first,
                PlanArguments.given(spec.commandLine().getParseResult()));
        var planned = said.or(plan == null ? BenchSettings.NONE : BenchSettings.read(plan))
                .plan();
        var units = shardOf(planned);
        if (dryRun && reuse != null) {
            throw new ParameterException(
                    spec.commandLine(), "--dry-run makes no pictures that --reuse could spare; leave one of them out.");
        }
        if (dryRun) {
            try (var bench = load(planned)) {
                tell(planned, bench, Estimation.of(planned, bench));
                return 0;
            }
        }
        try (var interruption = new Interruption();
                var bench = runners.apply(planned)) {
            try (var folder = BenchFolder.open(out, bench.planJson())) {
                if (reuse != null) {
                    reuse(bench, folder, units, reuse);
                }
                boolean complete;
                try (var progress = new BenchProgress(err(), ProgressLine.terminal(), units)) {
                    complete = bench.run(folder, units, progress, interruption);
                }
                if (!complete) {
                    err().println("Stopped. The same command goes on.");
                    return Main.INTERRUPTED;
                }
                if (shard != null && json()) {
                    print(JSON.createObjectNode().put("shard", shard).put("folder", out.toString()));
                    return 0;
                }
                if (shard != null) {
                    out().println("Shard " + shard + " is complete in " + out
                            + "; when all are, merge them: tiller bench merge" + " --out DIR SHARD...");
                    return 0;
                }
                tell(folder);
                return 0;
            }
        }
    }

    private void reuse(BenchRunner bench, BenchFolder folder, List<BenchPlan.Unit> units, Path from) {
        if (BenchReportCommand.same(from, out)) {
            throw new TillerException("The folder to be reused is the one to write in, " + from
                    + "; the same command goes on with what is there.");
        }
        try (var other = BenchFolder.reading(from)) {
            int taken = folder.reuse(other, units.stream().map(bench::recipe).toList());
            err().println(taken + " of " + units.size() + " pictures are taken over from " + from + ".");
        }
    }

    private List<BenchPlan.Unit> shardOf(BenchPlan planned) {
        if (shard == null) {
            return planned.units();
        }
        var match = Pattern.compile("(\\d{1,6})/(\\d{1,6})").matcher(shard);
        int i = match.matches() ? Integer.parseInt(match.group(1)) : 0;
        int n = match.matches() ? Integer.parseInt(match.group(2)) : 0;
        if (i < 1 || i > n) {
            throw new ParameterException(
                    spec.commandLine(), "A shard is written as 2/3, the second of three, not " + shard + ".");
        }
        // Whole prompts, so that each is encoded in one place.
        return planned.units().stream().filter(u -> u.prompt() % n == i - 1).toList();
    }

    private void tell(BenchPlan planned, Bench bench, Estimation e) {
        if (json()) {
            var node = JSON.createObjectNode();
            var cells = node.putArray("cells");
            planned.cells()
                    .forEach(cell -> cells.addObject()
                            .put("cell", cell.name())
                            .put("model", cell.plan().get(RunPlan.MODEL))
                            .put("network_evaluations_of_a_picture", bench.evaluations(cell)));
            print(node.put("pictures", e.pictures())
                    .put("network_evaluations", e.evaluations())
                    .put("seconds", e.seconds())
                    .put("bytes", e.bytes()));
            return;
        }
        for (var cell : planned.cells()) {
            out().println("  " + cell.name() + ": at most " + bench.evaluations(cell)
                    + " network evaluations a picture on " + cell.plan().get(RunPlan.MODEL));
        }
        out().println(e.pictures() + " pictures, at most " + e.evaluations() + " network evaluations.");
        out().println("About " + time(e.seconds())
                + " on this machine as busy as it is now, by a picture of each method made just now.");
        if (e.bytes() > 0) {
            out().println("Memory: " + ModelsCommand.readable(e.bytes()) + " for the pictures made now.");
        }
    }

    private static String time(double seconds) {
        return seconds < 3600
                ? String.format(Locale.ROOT, "%.0f minutes", Math.max(1, seconds / 60))
                : String.format(Locale.ROOT, "%.1f hours", seconds / 3600);
    }

    private void tell(BenchFolder folder) {
        var report = new BenchReport(folder);
        var file = report.write();
        if (json()) {
            out().print(report.json());
        } else {
            out().print(report.markdown());
            out().println("Report: " + file);
        }
        out().flush();
    }
}
