// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;

/** {@code tiller models}. */
@Command(
        name = "models",
        description =
                "Lists the models that can be named, by --model or in a reward: embedded ones, those in TILLER_MODELS, and those"
                        + " in the Hugging Face hub cache. A folder on disk can be named by its path too. Nothing is downloaded.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller models", "  TILLER_MODELS=~/models tiller models --json"})
final class ModelsCommand extends TillerCommand {
    @Override
    public Integer call() {
        var models = models();
        var embedded = models.embeddedNames();
        var list = JSON.createArrayNode();
        models.list().forEach((name, folder) -> {
            long bytes = size(folder);
            var kind = embedded.contains(name) ? "embedded" : name.contains("/") ? "hub cache" : "local";
            if (json()) {
                list.addObject()
                        .put("name", name)
                        .put("kind", kind)
                        .put("folder", folder.toString())
                        .put("bytes", bytes);
            } else {
                out().println(String.format(Locale.ROOT, "%-28s %-10s %9s  %s", name, kind, readable(bytes), folder));
            }
        });
        if (json()) {
            print(list);
        } else {
            err().println("Looked in: "
                    + String.join(
                            ", ", models.places().stream().map(Path::toString).toList()));
        }
        return 0;
    }

    /** Bytes of all files, through symbolic links; what cannot be read, and links that lead back, are passed over. */
    static long size(Path folder) {
        var size = new AtomicLong();
        try {
            Files.walkFileTree(
                    folder, Set.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<Path>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            size.addAndGet(attributes.isRegularFile() ? attributes.size() : 0);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
            return size.get();
        } catch (IOException e) {
            throw new TillerException("Cannot read the folder " + folder + ": " + e.getMessage() + ".", e);
        }
    }

    static String readable(long bytes) {
        if (bytes < 1 << 20) {
            return String.format(Locale.ROOT, "%.0f KiB", bytes / 1024.0);
        }
        return bytes < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0)
                : String.format(Locale.ROOT, "%.1f GiB", bytes / 1073741824.0);
    }
}
