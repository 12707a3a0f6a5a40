// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.potentials.clip.Taste;
import dev.tiller.potentials.clip.Taste.Shown;
import dev.tiller.potentials.clip.TasteTeacher;
import dev.tiller.record.Png;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.viewer.ShellWord;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller rewards teach}. */
@Command(
        name = "teach",
        description = "Learns a taste from choices between two pictures, to steer by: --reward \"taste(file=FILE)\".",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller rewards teach pairs.jsonl --out my-taste.json",
            "  tiller rewards teach more.jsonl --onto my-taste.json --out my-taste.json",
            "",
            "A line of the pairs: {\"better\": \"a.png\", \"worse\": \"b.png\"}, files being relative to the file's folder."
        })
final class RewardsTeachCommand extends TillerCommand {
    @Parameters(paramLabel = "PAIRS", description = "A file of choices as JSON lines.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path pairs;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The taste to write.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path out;

    @Option(names = "--onto", paramLabel = "FILE", description = "A taste to go on from.")
    private @Nullable Path onto;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Name or folder of a CLIP or SigLIP model. Default: scenes-clip, or --onto's.")
    private @Nullable String model;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "";

    private record Choice(Path better, Path worse) {}

    @Override
    public Integer call() {
        var choices = JsonLines.read(pairs, "choices").stream()
                .map(line -> new Choice(line.path("better"), line.path("worse")))
                .toList();
        try (var teacher = teacher()) {
            var seen = new HashMap<Path, Shown>();
            for (var choice : choices) {
                teacher.prefer(
                        seen.computeIfAbsent(choice.better(), file -> look(teacher, file)),
                        seen.computeIfAbsent(choice.worse(), file -> look(teacher, file)));
            }
            teacher.taste().save(out);
            tell(teacher.taste());
        }
        return 0;
    }

    private TasteTeacher teacher() {
        if (onto == null) {
            return TasteTeacher.of(model == null ? "scenes-clip" : model, models()::locate, device);
        }
        if (model != null) {
            throw new TillerException("A taste stays on the model that it was learnt on: give --onto or --model.");
        }
        return TasteTeacher.of(Taste.read(onto), models()::locate, device);
    }

    private static Shown look(TasteTeacher teacher, Path file) {
        var picture = Png.read(file);
        try (var one = Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height())) {
            return teacher.look(file.getFileName().toString(), one);
        }
    }

    private void tell(Taste taste) {
        var foretold = taste.foretold();
        double deviation = taste.utility().deviation();
        if (json()) {
            var root = JSON.createObjectNode()
                    .put("taste", out.toString())
                    .put("model", taste.model())
                    .put("choices", taste.pairs().size())
                    .put("pictures", taste.pictures().size());
            put(root, "prior_deviation", deviation);
            put(root, "foretold", foretold.accuracy());
            put(root, "low", foretold.low());
            put(root, "high", foretold.high());
            print(root);
            return;
        }
        out().println(String.format(
                Locale.ROOT,
                "%d choices between %d pictures, on the model %s; prior deviation %.0f",
                taste.pairs().size(),
                taste.pictures().size(),
                taste.model(),
                deviation));
        if (foretold.pairs() > 1) {
            out().println(String.format(
                    Locale.ROOT,
                    "choices foretold that were not learnt from: %.1f %%  [%.1f, %.1f]",
                    100 * foretold.accuracy(),
                    100 * foretold.low(),
                    100 * foretold.high()));
        }
        out().println("written to " + out + "; steer by it: --reward " + ShellWord.quoted(OwnTaste.expression(out)));
    }
}
