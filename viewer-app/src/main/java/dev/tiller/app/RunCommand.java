// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.record.ManifestFile;
import dev.tiller.record.RunFolder;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
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
            "  tiller run \"two green stars\" --particles 16 --reward \"0.7*clip + 0.3*verifier\" --seed 7 --out runs/stars",
            "  tiller run \"a cat\" --model ~/models/sd15 --guidance 7.5 --steps 30 --width 512 --height 512",
            "  tiller run \"a red circle\" --method bon --particles 16     the best of 16, for comparison",
            "  tiller run --resume runs/stars                             after Ctrl-C or a crash",
            "  tiller run --manifest runs/stars/manifest.json --out runs/again"
        })
final class RunCommand extends TillerCommand {
    private static final Set<String> METHODS = Set.of("base", "bon", "fk", "svdd");
    /** Methods that other parts of the project will bring, by what they do. */
    private static final Map<String, String> LATER = Map.of(
            "reno", "noise optimisation",
            "dno", "noise optimisation",
            "search", "noise search",
            "dps", "gradient guidance",
            "freedom", "gradient guidance",
            "tfg", "gradient guidance",
            "tds", "gradient-guided particles",
            "das", "gradient-guided particles",
            "flow-nrg", "reward-guided flow");
    /** What may stand beside --manifest and --resume, which bring the plan with them. */
    private static final Set<String> BESIDE =
            Set.of("--manifest", "--resume", "--out", "--force", "--json", "--verbose");

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
            names = "--method",
            paramLabel = "NAME",
            defaultValue = "fk",
            description =
                    "base (no steering), bon (best of n), fk (Feynman-Kac particles), svdd (children per particle). Default: ${DEFAULT-VALUE}.")
    private String method = "";

    @Option(
            names = "--reward",
            paramLabel = "EXPR",
            defaultValue = "clip",
            description = "What to steer by, such as clip or \"0.7*clip + 0.3*aesthetic\". Default: ${DEFAULT-VALUE}.")
    private String reward = "";

    @Option(
            names = "--particles",
            paramLabel = "N",
            defaultValue = "8",
            description = "Candidates denoised side by side. Default: ${DEFAULT-VALUE}.")
    private int particles;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Denoising steps. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The one source of randomness. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--lambda",
            paramLabel = "X",
            defaultValue = "3",
            description =
                    "How strongly the reward counts: samples follow p(x) exp(lambda r(x)). Default: ${DEFAULT-VALUE}.")
    private double lambda;

    @Option(
            names = "--potential",
            paramLabel = "NAME",
            defaultValue = "difference",
            description = "What of the reward counts early: difference, max, sum, none. Default: ${DEFAULT-VALUE}.")
    private String potential = "";

    @Option(
            names = "--resample-from",
            paramLabel = "STEP",
            description =
                    "The first step after which particles are judged (default: after 30 %% of the steps; before, the predicted pictures are a blur).")
    private @Nullable Integer resampleFrom;

    @Option(
            names = "--resample-every",
            paramLabel = "STEPS",
            description = "Steps from one judging to the next (default: a tenth of the steps).")
    private @Nullable Integer resampleEvery;

    @Option(
            names = "--resampler",
            paramLabel = "NAME",
            defaultValue = "systematic",
            description = "multinomial, stratified, systematic, residual, ssp. Default: ${DEFAULT-VALUE}.")
    private String resampler = "";

    @Option(
            names = "--ess-threshold",
            paramLabel = "X",
            defaultValue = "0.5",
            description =
                    "Resample when the effective sample size falls below this part of the particles; 1: always. Default: ${DEFAULT-VALUE}.")
    private double essThreshold;

    @Option(
            names = "--children",
            paramLabel = "N",
            defaultValue = "4",
            description = "With svdd: candidates per particle, counted among the particles. Default: ${DEFAULT-VALUE}.")
    private int children;

    @Option(
            names = "--unsteered",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "Pictures of the same seed that the plain model makes, to compare with. Default: ${DEFAULT-VALUE}.")
    private int unsteered;

    @Option(
            names = "--baseline",
            description = "Also make the best of n at the same number of network evaluations, and show it beside.")
    private boolean baseline;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "scenes",
            description =
                    "An embedded model, a diffusers folder, or a name in the hub cache (see tiller models). Default: ${DEFAULT-VALUE}.")
    private String model = "";

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What the picture should not show.")
    private String negative = "";

    @Option(
            names = "--guidance",
            paramLabel = "X",
            defaultValue = "3",
            description = "Classifier-free guidance scale; 1: none. Default: ${DEFAULT-VALUE}.")
    private double guidance;

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            defaultValue = "",
            description = "ddim, ddpm, euler, euler-ancestral ... (default: the checkpoint's own).")
    private String scheduler = "";

    @Option(
            names = "--eta",
            paramLabel = "X",
            defaultValue = "1",
            description = "Noise of DDIM, from 0 to 1; steering needs some. Default: ${DEFAULT-VALUE}.")
    private double eta;

    @Option(
            names = "--width",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description = "Default: the checkpoint's own.")
    private int width;

    @Option(
            names = "--height",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description = "Default: the checkpoint's own.")
    private int height;

    @Option(
            names = "--torch-seed",
            paramLabel = "N",
            description = "Draw the first noise as PyTorch does on a CPU from this seed.")
    private @Nullable Long torchSeed;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "float32, bfloat16, or float16 (CUDA). Default: ${DEFAULT-VALUE}.")
    private String dtype = "";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of the native engine (default: all processors).")
    private int threads;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Particles through the network at a time (default: chosen by the size of the picture). Changes memory and speed, not the pictures.")
    private int microBatch;

    @Override
    public Integer call() {
        if (resume != null) {
            requireNothingBeside("--resume");
            return resume(resume);
        }
        if (manifest != null) {
            requireNothingBeside("--manifest");
            var run = ManifestFile.read(manifest).run();
            return start(RunPlan.fromMap(run.plan()), run);
        }
        return start(plan(), null);
    }

    private int start(RunPlan plan, @Nullable RunManifest repeated) {
        var path = out != null ? out : unused(plan);
        var folder = force ? RunFolder.replace(path) : RunFolder.create(path);
        try (var interruption = new Interruption();
                var session = open(plan, repeated);
                var progress = progress()) {
            return tell(session.run(folder, progress::step, interruption), progress);
        }
    }

    private int resume(Path path) {
        var folder = RunFolder.open(path);
        var begun = ManifestFile.read(folder.resolve("manifest.json"));
        if (begun.outcome() instanceof Outcome.Completed) {
            throw new TillerException("The run in " + path + " is complete; there is nothing to resume.");
        }
        try (var interruption = new Interruption();
                var session = open(RunPlan.fromMap(begun.run().plan()), begun.run());
                var progress = progress()) {
            return tell(session.resume(folder, progress::step, interruption), progress);
        }
    }

    private ProgressLine progress() {
        return new ProgressLine(err(), !json() && ProgressLine.terminal());
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
        if (prompt == null) {
            throw usage("Say what the picture should show: tiller run \"a photo of a red circle\".");
        }
        var name = method.toLowerCase(Locale.ROOT);
        if (LATER.containsKey(name)) {
            throw usage("The method " + name + " comes with " + LATER.get(name)
                    + ", which this version does not have; there are base, bon, fk and svdd.");
        }
        if (!METHODS.contains(name)) {
            throw usage("There is no method '" + method + "'; there are base, bon, fk and svdd.");
        }
        return new RunPlan(
                prompt,
                negative,
                model,
                name,
                particles,
                steps,
                guidance,
                eta,
                scheduler,
                width,
                height,
                reward,
                lambda,
                potential,
                resampleFrom != null ? resampleFrom : Math.max(1, (int) Math.round(0.3 * steps)),
                resampleEvery != null ? resampleEvery : Math.max(1, steps / 10),
                resampler,
                essThreshold,
                children,
                seed,
                torchSeed,
                dtype,
                device,
                threads,
                microBatch,
                unsteered,
                baseline);
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
    private static Path unused(RunPlan plan) {
        var words = plan.prompt()
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
        var seconds = node.putObject("seconds");
        result.seconds().forEach(seconds::put);
        if (result.completed()) {
            node.put("report", result.folder().resolve("report.html").toString());
        }
        return node;
    }
}
