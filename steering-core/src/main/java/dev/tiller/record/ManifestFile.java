// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.Disk;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run's {@code manifest.json}: how to repeat it, and what it came to.
 *
 * @param format always {@code tiller-run}
 * @param version of this format
 * @param run how to repeat it
 * @param outcome null while the run goes on, and after a kill
 * @param cost null likewise
 * @param decisions of a person who steered the run by hand, in order; null in files of before there were any
 */
public record ManifestFile(
        String format,
        int version,
        RunManifest run,
        @Nullable Outcome outcome,
        @Nullable Cost cost,
        @Nullable List<Decision.At> decisions) {
    private static final String FORMAT = "tiller-run";
    private static final int VERSION = 1;

    /** Of a run that has just begun. */
    public static ManifestFile of(RunManifest run) {
        return new ManifestFile(FORMAT, VERSION, run, null, null, List.of());
    }

    /** This manifest of a run that has come to its end. */
    public ManifestFile ended(Outcome outcome, Cost cost) {
        return new ManifestFile(format, version, run, outcome, cost, decisions);
    }

    /** This manifest of a run that was steered by hand. */
    public ManifestFile decided(List<Decision.At> made) {
        return new ManifestFile(format, version, run, outcome, cost, List.copyOf(made));
    }

    /** The decisions of a person, in order; usually none. */
    public List<Decision.At> script() {
        return decisions == null ? List.of() : decisions;
    }

    /** As {@link #read} reads it. */
    public String toJson() {
        return RecordJson.writePretty(this);
    }

    /**
     * Reads a manifest.
     *
     * @throws TillerException if there is none, or it is not one of this version
     */
    public static ManifestFile read(Path file) {
        try {
            var manifest = RecordJson.read(Files.readString(file), ManifestFile.class, "decisions");
            if (!manifest.format().equals(FORMAT) || manifest.version() != VERSION) {
                throw new TillerException("The manifest " + file + " is of format '" + manifest.format() + "' version "
                        + manifest.version() + "; this Tiller reads '" + FORMAT + "' version " + VERSION + ".");
            }
            return manifest;
        } catch (IllegalArgumentException e) {
            throw new CorruptRecordException("The manifest " + file + " " + e.getMessage() + ".", 0);
        } catch (IOException e) {
            throw Disk.problem("read the manifest", file, e);
        }
    }
}
