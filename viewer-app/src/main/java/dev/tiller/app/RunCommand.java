// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.RunPlan;
import dev.tiller.record.FolderLock;
import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code tiller run}. */
@Command(
        name = "run",
        sortOptions = false,
        description =
                "Makes pictures of a prompt, steered by a reward, and writes them with everything about the run into"
                        + " a folder.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller run \"a photo of a red circle and a blue square\"",
            "  tiller run \"two green stars\" --particles 16 --reward \"0.7*clip + 0.3*verifier\" --seed 7 --out"
                    + " runs/stars",
            "  tiller run \"a cat\" --model ~/models/sd15 --guidance 7.5 --reward \"clip(model=openai/clip-vit-large-patch14)\"",
            "  tiller run --resume runs/stars                             after Ctrl-C or a crash",
            "  tiller run --manifest runs/stars/manifest.json --out runs/again",
            "  tiller run --branch-from runs/stars --branch-step 20 --branch-particle 3 --lambda 8",
            "  tiller run \"two green stars\" --decisions decisions.txt    with lines such as: 15 kill 3,5",
            "",
            " Particles, which only compare:",
            "  tiller run \"a red circle\" --method bon --particles 16     the best of 16",
            "  tiller run \"a red circle\" --method svdd --children 2",
            " Noise that climbs a gradient, or is searched:",
            "  tiller run \"a red circle\" --method reno --hold-out verifier",
            "  tiller run \"a red circle\" --method dno --iterations 10",
            "  tiller run \"a red circle\" --method search --reward verifier --iterations 8",
            " Samplers guided by a gradient, and particles that are both guided and weighted:",
            "  tiller run \"a red circle\" --method tfg --strength 0.5 --hold-out verifier",
            "  tiller run \"a red circle\" --method das --lambda 3 --baseline",
            " Flows guided by a gradient:",
            "  tiller run \"a red circle\" --method flow-nrg --weight 2"
        })
final class RunCommand extends TillerCommand {
    /** What may stand beside --manifest and --resume, which bring the plan with them. */
    private static final Set<String> BESIDE =
            Set.of("--manifest", "--resume", "--out", "--force", "--json", "--verbose");
    /** How many notes on a run are told; the report has all. */
    private static final int NOTES = 10;

    @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "What the picture should show.")
    private @Nullable String prompt;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder to write to (default: one below runs/, named by the prompt).")
    private @Nullable Path out;

    @Option(names = "--force", description = "Replace the run that is in the folder.")
    private boolean force;

    @Option(names = "--resume", paramLabel = "DIR", description = "Continue the run in this folder.")
    private @Nullable Path resume;

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            description = "Repeat the run of this manifest.json: same weights, same bytes.")
    private @Nullable Path manifest;

    @Option(
            names = "--decisions",
            paramLabel = "FILE",
            description =
                    "Steer by hand: lines such as '15 kill 3,5', '15 clone 2', '20 favour 1 2.5' or '25 reweigh 0.7"
                            + " clip; 0.3 verifier', the first number being how many steps are made by then.")
    private @Nullable Path decisions;

    @Override
    public Integer call() {
        if (resume != null) {
            requireNothingBeside("--resume");
            return resume(resume);
        }
        if (manifest != null) {
            requireNothingBeside("--manifest");
            var file = ManifestFile.read(manifest);
            return start(RunPlan.ofManifest(file.run().plan()), file.run(), file.script());
        }
        return start(plan(), null, decisions == null ? List.of() : script(decisions));
    }

    private static List<Decision.At> script(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Decision.At::parse)
                    .toList();
        } catch (IOException e) {
            throw new TillerException("Cannot read the decisions " + file + ": " + e.getMessage() + ".", e);
        }
    }

    private int start(RunPlan plan, @Nullable RunManifest repeated, List<Decision.At> script) {
        var path = out != null ? out : unused(plan);
        if (path.toString().isEmpty()) {
            throw usage("--out needs the name of a folder.");
        }
        return FolderLock.holding(path, () -> {
            var folder = force ? RunFolder.replace(path) : RunFolder.create(path);
            return carryOut(
                    plan, repeated, (session, progress, control) -> session.run(folder, progress, control, script));
        });
    }

    private int resume(Path path) {
        var folder = RunFolder.open(path);
        return FolderLock.holding(path, () -> {
            var begun = ManifestFile.read(folder.resolve("manifest.json"));
            if (begun.outcome() instanceof Outcome.Completed) {
                throw new TillerException("The run in " + path + " is complete; there is nothing to resume.");
            }
            return carryOut(
                    RunPlan.ofManifest(begun.run().plan()),
                    begun.run(),
                    (session, progress, control) -> session.resume(folder, progress, control));
        });
    }

    private interface Work {
        SteerSession.Result in(SteerSession session, SteerSession.Progress progress, Control control);
    }

    private int carryOut(RunPlan plan, @Nullable RunManifest repeated, Work work) {
        try (var interruption = new Interruption();
                var session = open(plan, repeated);
                var progress = new ProgressLine(err(), !json() && ProgressLine.terminal())) {
            int told = session.remarks().size();
            try {
                return tell(work.in(session, progress::step, Control.until(interruption)), progress);
            } finally {
                // What rewards had to say meanwhile, such as why a judge's answer does not count.
                session.remarks().stream().skip(told).distinct().forEach(r -> err().println("Note: " + r));
            }
        }
    }

    private SteerSession open(RunPlan plan, @Nullable RunManifest repeated) {
        var session = SteerSession.open(plan, models(), RewardCatalogue.load(Images.class));
        if (repeated != null && !session.manifest().weights().equals(repeated.weights())) {
            var now = Set.copyOf(session.manifest().weights());
            var changed = repeated.weights().stream()
                    .filter(w -> !now.contains(w))
                    .map(RunManifest.WeightFile::name)
                    .collect(Collectors.joining(", "));
            session.close();
            throw new TillerException("The weights are not those of the manifest (" + changed
                    + "), so the run cannot be repeated; give the plan's options again to make a new one.");
        }
        session.remarks().forEach(remark -> err().println("Note: " + remark));
        return session;
    }

    private RunPlan plan() {
        var given = PlanArguments.given(spec.commandLine().getParseResult());
        boolean branch = Branch.is(given);
        if (prompt != null) {
            given.put(RunPlan.PROMPT.name(), prompt);
        } else if (!branch) {
            throw usage("Say what the picture should show: tiller run \"a photo of a red circle\".");
        }
        try {
            return branch ? Branch.plan(given) : RunPlan.of(given);
        } catch (TillerException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private void requireNothingBeside(String option) {
        var given = spec.commandLine().getParseResult().matchedOptionsSet().stream()
                .map(o -> o.longestName())
                .filter(name -> !BESIDE.contains(name))
                .sorted()
                .collect(Collectors.joining(", "));
        if (!given.isEmpty() || prompt != null || (resume != null && (manifest != null || out != null || force))) {
            throw usage(option + " brings the whole plan with it; leave out "
                    + (given.isEmpty() ? "the prompt and the other folders" : given) + ".");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A folder below {@code runs} that nobody has used. */
    static Path unused(RunPlan plan) {
        var words = plan.get(RunPlan.PROMPT)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", "-")
                .replaceAll("^-|-$", "");
        var name = words.isEmpty()
                ? "run"
                : words.substring(
                        0, words.offsetByCodePoints(0, Math.min(40, words.codePointCount(0, words.length()))));
        for (int i = 1; ; i++) {
            var path = Path.of("runs", i == 1 ? name : name + "-" + i);
            if (!Files.exists(path) || isEmptyFolder(path)) {
                return path;
            }
        }
    }

    private static boolean isEmptyFolder(Path path) {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (var entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private int tell(SteerSession.Result result, ProgressLine progress) {
        progress.close();
        if (json()) {
            print(json(result));
        } else {
            for (int i = 0; i < result.pictures().size(); i++) {
                out().println(String.format(
                        Locale.ROOT,
                        "%10.4f  %s",
                        result.rewards()[i],
                        result.pictures().get(i)));
            }
            if (result.completed()) {
                out().println("Report: " + result.folder().resolve("report.html"));
            }
        }
        result.notes().stream().limit(NOTES).forEach(note -> err().println("Note: " + note));
        if (result.notes().size() > NOTES) {
            err().println("Note: " + (result.notes().size() - NOTES) + " more such notes are in "
                    + result.folder().resolve("report.html") + ".");
        }
        if (!result.completed()) {
            err().println("Stopped. What there was is in " + result.folder() + "; continue with: tiller run --resume "
                    + result.folder());
            return Main.INTERRUPTED;
        }
        return 0;
    }

    private static com.fasterxml.jackson.databind.node.ObjectNode json(SteerSession.Result result) {
        var node = JSON.createObjectNode();
        node.put("folder", result.folder().toString()).put("completed", result.completed());
        var pictures = node.putArray("pictures");
        for (int i = 0; i < result.pictures().size(); i++) {
            put(pictures.addObject().put("file", result.pictures().get(i).toString()), "reward", result.rewards()[i]);
        }
        var cost = result.cost();
        node.putObject("cost")
                .put("network_evaluations", cost.networkEvaluations())
                .put("decodes", cost.decodes())
                .put("reward_calls", cost.rewardCalls())
                .put("backward_passes", cost.backwardPasses());
        put(node, "log_evidence", result.logEvidence());
        if (!result.caveat().isEmpty()) {
            node.put("log_evidence_caveat", result.caveat());
        }
        var seconds = node.putObject("seconds");
        result.seconds().forEach(seconds::put);
        if (result.completed()) {
            node.put("report", result.folder().resolve("report.html").toString());
        }
        return node;
    }
}
