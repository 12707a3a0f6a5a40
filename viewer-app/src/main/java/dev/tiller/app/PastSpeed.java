// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.method.Methods;
import dev.tiller.method.RunPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** How fast the last runs below a folder were: what their timing.json and manifest.json say. */
final class PastSpeed {
    private static final int MOST = 30;
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Past(JsonNode plan, double secondsPerEvaluation) {}

    private final List<Past> past;

    private PastSpeed(List<Past> past) {
        this.past = past;
    }

    /** Runs that cannot be read are left out. */
    static PastSpeed in(Path runs) {
        var past = new ArrayList<Past>();
        if (Files.isDirectory(runs)) {
            try (var folders = Files.list(runs)) {
                folders.filter(f -> Files.isRegularFile(f.resolve("timing.json")))
                        .sorted(Comparator.comparingLong((Path f) ->
                                        f.resolve("timing.json").toFile().lastModified())
                                .reversed())
                        .limit(MOST)
                        .forEach(f -> add(f, past));
            } catch (IOException e) {
                return new PastSpeed(List.of());
            }
        }
        return new PastSpeed(past);
    }

    private static void add(Path run, List<Past> past) {
        try {
            var manifest = JSON.readTree(run.resolve("manifest.json").toFile());
            var timing = JSON.readTree(run.resolve("timing.json").toFile());
            double seconds = timing.path("steering").asDouble();
            // Records of before say no number; it is that of the whole run where nothing stopped it.
            long evaluations = timing.path(SteerSession.EVALUATIONS)
                    .asLong(manifest.at("/cost/networkEvaluations").asLong());
            if (seconds > 0 && evaluations > 0 && !manifest.at("/run/plan").has(RunPlan.BRANCH_FROM.name())) {
                past.add(new Past(manifest.at("/run/plan"), seconds / evaluations));
            }
        } catch (IOException e) {
            // Somebody else's folder, or one that is being written.
        }
    }

    /** The median of the runs with the same model, size and kind of method; empty if there was none. */
    OptionalDouble secondsPerEvaluation(RunPlan plan) {
        var alike = past.stream()
                .filter(p ->
                        List.of(RunPlan.MODEL, RunPlan.WIDTH, RunPlan.HEIGHT, RunPlan.DTYPE, RunPlan.DEVICE).stream()
                                .allMatch(option ->
                                        p.plan().path(option.name()).asText().equals(String.valueOf(plan.get(option)))))
                .filter(p -> needs(p.plan().path(RunPlan.METHOD.name()).asText())
                        .equals(plan.method().needs()))
                .mapToDouble(Past::secondsPerEvaluation)
                .sorted()
                .toArray();
        return alike.length == 0
                ? OptionalDouble.empty()
                : Arrays.stream(alike).skip(alike.length / 2).findFirst();
    }

    private static Object needs(String method) {
        return Methods.all().stream()
                .filter(m -> m.name().equals(method))
                .<Object>map(m -> m.needs())
                .findFirst()
                .orElse("unknown");
    }
}
