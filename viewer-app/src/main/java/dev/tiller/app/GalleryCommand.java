// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.gallery.Entry;
import dev.tiller.gallery.Gallery;
import dev.tiller.gallery.Query;
import dev.tiller.run.TillerException;
import dev.tiller.weights.Caches;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller gallery}. */
@Command(
        name = "gallery",
        description =
                "Lists runs, the latest first, and finds them by their words. Stars and notes are set in the window.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller gallery",
            "  tiller gallery --search \"heart fk\" --starred",
            "  tiller gallery runs old-runs --json | jq -r '.[].folder'"
        })
final class GalleryCommand extends TillerCommand {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Parameters(arity = "0..*", paramLabel = "DIR", description = "Folders with runs in them, or runs (default: runs).")
    private List<Path> folders = List.of();

    @Option(
            names = "--search",
            paramLabel = "WORDS",
            description = "Only runs with all these words in their prompts, method, model, reward, note or folder.")
    private String words = "";

    @Option(names = "--starred", description = "Only runs that are starred.")
    private boolean starred;

    @Override
    public Integer call() {
        for (var folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new TillerException("There is no folder " + folder + ".");
            }
        }
        var roots = folders.isEmpty() ? List.of(Path.of("runs")) : folders;
        try (var gallery = Gallery.open(index(System.getenv()), remark -> err().println("Note: " + remark))) {
            gallery.scan(roots, () -> {}, () -> false).problems().forEach(problem -> err().println("Note: " + problem));
            var found = gallery.find(Query.of(roots, words, starred));
            if (json()) {
                print(found);
            } else {
                found.forEach(entry -> out().println(line(entry)));
                if (found.isEmpty()) {
                    err().println("No such run. tiller run makes one.");
                }
            }
        }
        return 0;
    }

    /** Where the index is kept: it can be made again, so among the caches. */
    static Path index(Map<String, String> environment) {
        return Caches.ofTiller(environment).resolve("gallery.db");
    }

    private static String line(Entry entry) {
        return String.format(
                        Locale.ROOT,
                        "%s %s  %-8s %10s  %s  %s%s",
                        entry.starred() ? "*" : " ",
                        DATE.format(entry.date()),
                        entry.method(),
                        Double.isFinite(entry.best())
                                ? String.format(Locale.ROOT, "%.4f", entry.best())
                                : entry.state().name().toLowerCase(Locale.ROOT),
                        shown(entry.folder()),
                        entry.byHand() ? "(by hand) " : "",
                        entry.prompt().replaceAll("\\s+", " "))
                .stripTrailing();
    }

    /** As it would be typed here. */
    private static Path shown(Path folder) {
        var here = Path.of("").toAbsolutePath();
        return folder.startsWith(here) ? here.relativize(folder) : folder;
    }

    private void print(List<Entry> found) {
        var list = JSON.createArrayNode();
        for (var entry : found) {
            var node = list.addObject()
                    .put("folder", entry.folder().toString())
                    .put("prompt", entry.prompt())
                    .put("method", entry.method())
                    .put("model", entry.model())
                    .put("reward", entry.reward());
            put(node, "best", entry.best());
            node.put("date", entry.date().toString())
                    .put("state", entry.state().name().toLowerCase(Locale.ROOT))
                    .put("picture", entry.picture().map(Path::toString).orElse(null))
                    .put("byHand", entry.byHand())
                    .put("starred", entry.starred())
                    .put("note", entry.note());
        }
        print(list);
    }
}
