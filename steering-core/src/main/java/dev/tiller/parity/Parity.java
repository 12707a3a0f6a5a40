// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** Runs the parity cases over directories of reference numbers. */
public final class Parity {
    private final List<ParityCase> cases;

    /** With these cases. */
    public Parity(List<ParityCase> cases) {
        this.cases = List.copyOf(cases);
    }

    /** With every case on the class path. */
    public static Parity ofServices() {
        return new Parity(ServiceLoader.load(ParityCase.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    /** {@link #ofServices()} over these directories. */
    public static ParityReport run(List<Path> roots) {
        return ofServices().over(roots);
    }

    /**
     * Runs every golden directory at or below the roots, in the order of their paths.
     *
     * @throws TillerException if a root does not exist, or has none
     */
    public ParityReport over(List<Path> roots) {
        var directories = new TreeSet<Path>();
        for (var root : roots) {
            directories.addAll(below(root));
        }
        var report = new ParityReport();
        for (var directory : directories) {
            one(directory, report);
        }
        return report;
    }

    private void one(Path directory, ParityReport report) {
        try {
            var golden = Golden.read(directory);
            var able = cases.stream().filter(c -> c.handles(golden)).toList();
            if (able.size() > 1) {
                throw new IllegalStateException(golden + " is claimed by " + able);
            }
            report.begin(golden);
            if (!able.isEmpty()) {
                able.get(0).run(golden, report);
                report.end(golden);
            }
        } catch (RuntimeException e) {
            report.broken(directory, e);
        }
    }

    private static List<Path> below(Path root) {
        try (var all = Files.walk(root.toRealPath())) {
            var found = all.filter(Golden::isAt).toList();
            if (found.isEmpty()) {
                throw new TillerException("There are no reference numbers at or below " + root
                        + ": directories with meta.json and io.safetensors are wanted.");
            }
            return found;
        } catch (IOException | UncheckedIOException e) {
            throw new TillerException("Cannot read the folder " + root + "; does it exist?", e);
        }
    }
}
