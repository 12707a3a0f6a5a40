// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.record.ManifestFile;
import dev.tiller.run.RunManifest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** In what two runs differ. */
public final class RunComparison {
    /**
     * A setting that is not the same.
     *
     * @param name of the option, as on the command line; {@code weights} where the files of the models differ
     * @param left its value there; empty where it has none
     */
    public record Difference(String name, String left, String right) {}

    private RunComparison() {}

    /**
     * The settings that differ, in the order of the manifests.
     *
     * @param left folder of a run
     * @throws dev.tiller.run.TillerException if a manifest cannot be read
     */
    public static List<Difference> of(Path left, Path right) {
        return of(
                ManifestFile.read(left.resolve("manifest.json")).run(),
                ManifestFile.read(right.resolve("manifest.json")).run());
    }

    static List<Difference> of(RunManifest left, RunManifest right) {
        var names = new LinkedHashSet<>(left.plan().keySet());
        names.addAll(right.plan().keySet());
        var differences = new ArrayList<Difference>();
        for (var name : names) {
            var a = String.valueOf(left.plan().getOrDefault(name, ""));
            var b = String.valueOf(right.plan().getOrDefault(name, ""));
            if (!a.equals(b)) {
                differences.add(new Difference(name, a, b));
            }
        }
        if (!left.weights().equals(right.weights())) {
            differences.add(new Difference("weights", weights(left), weights(right)));
        }
        return differences;
    }

    private static String weights(RunManifest run) {
        return String.join(
                ", ",
                run.weights().stream()
                        .map(w -> w.name() + " "
                                + w.sha256().substring(0, Math.min(8, w.sha256().length())))
                        .toList());
    }
}
