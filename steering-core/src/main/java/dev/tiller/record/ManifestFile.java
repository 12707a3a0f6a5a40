// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A run's {@code manifest.json}: how to repeat it, and what it came to.
 *
 * @param format always {@code tiller-run}
 * @param version of this format
 * @param run how to repeat it
 * @param outcome null while the run goes on, and after a kill
 * @param cost null likewise
 */
public record ManifestFile(
        String format,
        int version,
        RunManifest run,
        @Nullable Outcome outcome,
        @Nullable Cost cost) {
    private static final String FORMAT = "tiller-run";
    private static final int VERSION = 1;

    public static ManifestFile of(RunManifest run) {
        return new ManifestFile(FORMAT, VERSION, run, null, null);
    }

    public ManifestFile ended(Outcome outcome, Cost cost) {
        return new ManifestFile(format, version, run, outcome, cost);
    }

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
            var manifest = RecordJson.read(Files.readString(file), ManifestFile.class);
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
