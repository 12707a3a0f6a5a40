// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.record.CorruptRecordException;
import dev.tiller.record.GenerationParameters;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller score}. */
@Command(
        name = "score",
        description =
                "Says what a reward thinks of pictures. The prompt is that of --prompt, of a --prompts file, or the"
                        + " one written inside the picture.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller score runs/first/0001.png",
            "  tiller score photo.jpg other.png --reward clip --prompt \"a photo of a red circle\"",
            "  tiller score pictures/ --prompts pictures/prompts.jsonl --reward verifier --json",
            "",
            "A prompts file has one JSON object a line: {\"file\": \"0001.png\", \"prompt\": \"a red circle\"}, files being",
            "relative to the folder of the pictures. A folder with a prompts.jsonl in it needs no --prompts."
        })
final class ScoreCommand extends TillerCommand {
    private static final int BATCH = 16;
    private static final String PROMPTS = "prompts.jsonl";

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "PNG or JPEG files, or folders of them.")
    private List<Path> paths = List.of();

    @Option(
            names = "--reward",
            paramLabel = "EXPR",
            defaultValue = "clip",
            description = "What to score by. Default: ${DEFAULT-VALUE}.")
    private String reward = "";

    @Option(names = "--prompt", paramLabel = "TEXT", description = "What the pictures should show.")
    private @Nullable String prompt;

    @Option(names = "--prompts", paramLabel = "FILE", description = "What each picture should show, as JSON lines.")
    private @Nullable Path prompts;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "";

    private record Item(Path file, String prompt, Picture picture) {
        boolean isAsLargeAs(Item other) {
            return picture.width() == other.picture.width() && picture.height() == other.picture.height();
        }
    }

    private record Scored(double total, Map<String, Double> parts) {}

    @Override
    public Integer call() {
        var expression = RewardExpression.parse(reward);
        var catalogue = RewardCatalogue.load(Images.class);
        catalogue.check(expression);
        var files = files();
        var scores = new TreeMap<Path, Scored>();
        // The pictures of one prompt are one population, whatever their sizes and however many.
        var groups = new LinkedHashMap<String, List<Item>>();
        files.forEach((file, text) -> {
            var item = read(file, text);
            groups.computeIfAbsent(item.prompt(), k -> new ArrayList<>()).add(item);
        });
        var request = new RewardRequest("", Map.of(), models()::locate, device, note -> err().println("Note: " + note));
        try (var rewards = new RewardsByPrompt(catalogue, expression, request)) {
            for (var group : groups.values()) {
                var scoring = rewards.of(group.get(0).prompt()).scoring();
                for (var batch : batches(group)) {
                    try (var images = images(batch)) {
                        scoring.add(images);
                    }
                }
                var scored = scoring.scores();
                for (int k = 0; k < group.size(); k++) {
                    int row = k;
                    var parts = new LinkedHashMap<String, Double>();
                    scored.parts().forEach((name, values) -> parts.put(name, values[row]));
                    scores.put(group.get(k).file(), new Scored(scored.total()[k], parts));
                }
            }
        }
        tell(groups, scores);
        return 0;
    }

    /** Neighbours of one size, in their order, some at a time. */
    private static List<List<Item>> batches(List<Item> items) {
        var batches = new ArrayList<List<Item>>();
        int from = 0;
        for (int to = 1; to <= items.size(); to++) {
            if (to == items.size() || to - from == BATCH || !items.get(to).isAsLargeAs(items.get(from))) {
                batches.add(items.subList(from, to));
                from = to;
            }
        }
        return batches;
    }

    private static Images images(List<Item> items) {
        var first = items.get(0).picture();
        return Images.of(
                items.stream().map(i -> i.picture().rgb()).toArray(byte[][]::new), first.width(), first.height());
    }

    /** The files to score, and the prompt of each where a prompts file says it. */
    private Map<Path, @Nullable String> files() {
        var files = new LinkedHashMap<Path, @Nullable String>();
        for (var path : paths) {
            if (Files.isDirectory(path)) {
                var list = prompts != null ? prompts : path.resolve(PROMPTS);
                if (prompts != null || Files.exists(list)) {
                    files.putAll(listed(list, path));
                } else {
                    pictures(path).forEach(file -> files.put(file, null));
                }
            } else if (Files.isRegularFile(path)) {
                files.put(path, prompts == null ? null : promptOf(path, prompts));
            } else {
                throw new TillerException("There is no file or folder " + path + ".");
            }
        }
        if (files.isEmpty()) {
            throw new TillerException("There are no PNG or JPEG files in " + paths.get(0) + ".");
        }
        return files;
    }

    private static @Nullable String promptOf(Path file, Path prompts) {
        var folder = file.toAbsolutePath().normalize().resolveSibling("");
        return listed(prompts, folder).get(folder.resolve(file.getFileName()));
    }

    private static Map<Path, String> listed(Path list, Path folder) {
        var found = new LinkedHashMap<Path, String>();
        for (var line : JsonLines.read(list, "prompts")) {
            found.put(folder.resolve(line.text("file")), line.text("prompt"));
        }
        return found;
    }

    private static List<Path> pictures(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.filter(f -> f.getFileName()
                            .toString()
                            .toLowerCase(Locale.ROOT)
                            .matches("(?!contact-sheet).*\\.(png|jpe?g)"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new TillerException("Cannot read the folder " + folder + ": " + e.getMessage() + ".", e);
        }
    }

    private Item read(Path file, @Nullable String listed) {
        try {
            var bytes = Files.readAllBytes(file);
            var text = prompt != null ? prompt : listed != null ? listed : promptInside(file, bytes);
            return new Item(file, text, Png.decode(bytes));
        } catch (CorruptRecordException e) {
            throw new TillerException("Cannot score " + file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + "; does it exist?", e);
        }
    }

    private static String promptInside(Path file, byte[] bytes) {
        if (bytes.length > 0 && bytes[0] == (byte) 0x89) {
            var ours = Recipe.in(bytes);
            if (ours.isPresent()) {
                return ours.get().run().prompt();
            }
            var parameters = Png.texts(bytes).get(GenerationParameters.KEYWORD);
            if (parameters != null) {
                return GenerationParameters.parse(parameters).prompt();
            }
        }
        throw new TillerException("No prompt is written inside " + file + "; give one with --prompt or --prompts.");
    }

    /** One line for each picture: the total, and each reward where there are several; as JSON all of it. */
    private void tell(Map<String, List<Item>> groups, Map<Path, Scored> scores) {
        double mean =
                scores.values().stream().mapToDouble(Scored::total).average().orElse(Double.NaN);
        for (var group : groups.values()) {
            for (var item : group) {
                var scored = scores.get(item.file());
                if (scored == null) {
                    throw new IllegalStateException(item.file() + " was not scored");
                }
                if (json()) {
                    var image = JSON.createObjectNode()
                            .put("file", item.file().toString())
                            .put("prompt", item.prompt())
                            .put("reward", reward);
                    put(image, "score", scored.total());
                    var parts = image.putObject("parts");
                    scored.parts().forEach((name, value) -> put(parts, name, value));
                    out().println(image);
                } else {
                    var parts = scored.parts().size() < 2
                            ? ""
                            : scored.parts().entrySet().stream()
                                    .map(p -> String.format(Locale.ROOT, "%s %.4f", p.getKey(), p.getValue()))
                                    .collect(Collectors.joining(", ", "  (", ")"));
                    out().println(String.format(Locale.ROOT, "%10.4f  %s%s", scored.total(), item.file(), parts));
                }
            }
        }
        if (!json() && scores.size() > 1) {
            out().println(String.format(Locale.ROOT, "%10.4f  mean of %d", mean, scores.size()));
        }
    }
}
