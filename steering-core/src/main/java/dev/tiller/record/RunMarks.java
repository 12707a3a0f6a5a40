// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the user thinks of a run, kept beside it in {@code gallery.json}: no index is needed to remember it, and a run that is
 * made again does not lose it.
 *
 * @param format always {@code tiller-marks}
 * @param version of this format
 * @param note in the user's words; empty for none
 */
public record RunMarks(String format, int version, boolean starred, String note) {
    /** The name of the file in the folder of a run. */
    public static final String FILE = "gallery.json";

    /** Not starred, no note. */
    public static final RunMarks NONE = of(false, "");

    private static final String FORMAT = "tiller-marks";
    private static final int VERSION = 1;
    private static final long LONGEST = 1 << 20;

    /** Marks of this version. */
    public static RunMarks of(boolean starred, String note) {
        return new RunMarks(FORMAT, VERSION, starred, note);
    }

    /**
     * The marks of a run; {@link #NONE} where there are none.
     *
     * @throws TillerException if the file is damaged, or of another version
     */
    public static RunMarks in(Path folder) {
        var file = folder.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                return NONE;
            }
            if (Files.size(file) > LONGEST) {
                throw new CorruptRecordException("The file " + file + " is longer than any note.", 0);
            }
            var marks = RecordJson.read(Files.readString(file), RunMarks.class);
            if (!marks.format().equals(FORMAT) || marks.version() != VERSION) {
                throw new TillerException("The file " + file + " is of format '" + marks.format() + "' version "
                        + marks.version() + "; this Tiller reads '" + FORMAT + "' version " + VERSION + ".");
            }
            return marks;
        } catch (IllegalArgumentException e) {
            throw new CorruptRecordException("The file " + file + " " + e.getMessage() + ".", 0);
        } catch (IOException e) {
            throw Disk.problem("read", file, e);
        }
    }

    /** Writes them into the folder of a run, in place of what was there. */
    public void write(Path folder) {
        RunFolder.open(folder).write(FILE, RecordJson.writePretty(this));
    }
}
