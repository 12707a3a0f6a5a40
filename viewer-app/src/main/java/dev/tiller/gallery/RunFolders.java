// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.record.RunMarks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where runs lie, and whether they have changed. */
final class RunFolders {
    /** How many levels below a root runs are looked for. */
    static final int DEEPEST = 4;

    private RunFolders() {}

    /** The folders with a manifest in or below the roots, each with its stamp. Links are not followed. */
    static Map<Path, String> below(List<Path> roots) {
        var found = new TreeMap<Path, String>();
        roots.forEach(root -> gather(root, 0, found));
        return found;
    }

    private static void gather(Path folder, int depth, Map<Path, String> found) {
        var stamp = stamp(folder);
        if (!stamp.isEmpty()) {
            found.put(folder, stamp);
            return;
        }
        if (depth == DEEPEST) {
            return;
        }
        try (var inside = Files.newDirectoryStream(folder)) {
            for (var path : inside) {
                if (!path.getFileName().toString().startsWith(".")
                        && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    gather(path, depth + 1, found);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // A folder that cannot be read, or went while we looked, has no runs to show.
        }
    }

    /** Differs when the run has changed; empty where there is no run. */
    static String stamp(Path folder) {
        var manifest = stampOf(folder.resolve("manifest.json"));
        return manifest.isEmpty()
                ? ""
                : manifest
                        + ' '
                        + stampOf(folder.resolve("events.jsonl"))
                        + ' '
                        + stampOf(folder.resolve(RunMarks.FILE));
    }

    private static String stampOf(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? attributes.size() + "@" + attributes.lastModifiedTime().toInstant()
                    : "";
        } catch (IOException e) {
            return "";
        }
    }
}
