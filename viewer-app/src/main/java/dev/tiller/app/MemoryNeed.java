// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardProvider;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.checkpoint.TextToImage;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * About how many bytes a run takes: the weights of its model and of its rewards' models, as they lie in memory, what Java and the
 * engine take for themselves, and the pictures that go through the networks at a time. The last two were measured with the
 * embedded model (docs/performance.md, "Memory"); another decoder may take half as much, or twice.
 */
final class MemoryNeed {
    private static final long ALONE = 340L << 20;
    /** 19 MB for a picture of 64 × 64. */
    private static final long BYTES_A_PIXEL = 4700;

    private static final List<String> PARTS = List.of("", "unet", "vae", "text_encoder", "text_encoder_2");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ModelLocator models;
    private final RewardCatalogue<Images> rewards;
    private final Map<Path, Long> elements = new ConcurrentHashMap<>();

    MemoryNeed(ModelLocator models, RewardCatalogue<Images> rewards) {
        this.models = models;
        this.rewards = rewards;
    }

    /** Empty where the model's folder cannot be read; loading it will say why. */
    OptionalLong of(RunPlan plan) {
        var known = models.list();
        var folder = known.get(plan.get(RunPlan.MODEL));
        if (folder == null) {
            return OptionalLong.empty();
        }
        try {
            long side = plan.get(RunPlan.DTYPE).equals("float32") ? 4 : 2;
            long bytes = ALONE + side * elements(folder);
            var judges = Stream.of(plan.get(RunPlan.REWARD), plan.get(RunPlan.HOLD_OUT))
                    .filter(expression -> !expression.isBlank())
                    .flatMap(expression -> RewardExpression.parse(expression).summands().stream())
                    .flatMap(term -> named(term.reward()))
                    .map(known::get)
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            for (var judge : judges) {
                bytes += Float.BYTES * elements(judge);
            }
            return OptionalLong.of(bytes + BYTES_A_PIXEL * pixels(plan, folder));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** What a reward's options are, given or not: names of models are among them. */
    private Stream<String> named(RewardExpression.Named reward) {
        return rewards.all().stream()
                .filter(provider -> provider.info().name().equals(reward.name()))
                .map(RewardProvider::options)
                .flatMap(List::stream)
                .map(option -> reward.options().getOrDefault(option.key(), option.otherwise()));
    }

    /** Of the pictures that are on their way through the networks at a time. */
    private static long pixels(RunPlan plan, Path folder) throws IOException {
        long shrink = 1L << (config(folder, "vae").path("block_out_channels").size() - 1);
        long own = config(folder, "unet").path("sample_size").asLong() * shrink;
        int width = plan.get(RunPlan.WIDTH);
        int height = plan.get(RunPlan.HEIGHT);
        long picture = (width > 0 ? width : own) * (height > 0 ? height : own);
        int given = plan.get(RunPlan.MICRO_BATCH);
        long atATime =
                given > 0 ? given : Math.max(1, TextToImage.LATENT_PIXELS * shrink * shrink / Math.max(1, picture));
        return picture * Math.min(plan.get(RunPlan.PARTICLES), atATime);
    }

    private static JsonNode config(Path folder, String part) throws IOException {
        return JSON.readTree(folder.resolve(part).resolve("config.json").toFile());
    }

    private long elements(Path folder) {
        return elements.computeIfAbsent(
                folder,
                f -> PARTS.stream().mapToLong(part -> weights(f.resolve(part))).sum());
    }

    private static long weights(Path folder) {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try {
            var files = WeightFiles.in(folder);
            return files.names().stream()
                    .mapToLong(name -> files.place(name).entry().elements())
                    .sum();
        } catch (TillerException e) {
            // A folder of parts has none itself; one that is damaged is refused when it is loaded.
            return 0;
        }
    }
}
