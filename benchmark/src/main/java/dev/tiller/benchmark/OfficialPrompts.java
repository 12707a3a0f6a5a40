// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.run.TillerException;
import dev.tiller.weights.Caches;
import dev.tiller.weights.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * GenEval's own {@code evaluation_metadata.jsonl}, 553 prompts. It is not part of Tiller: it is fetched when asked for, and
 * taken only if it is the file that published scores were made with.
 */
public final class OfficialPrompts {
    static final String SHA256 = "5c48e0813e812e3c373fa5c8ed07a8f0a483be30272b4427b0559c8048e67c13";
    private static final URI SOURCE = URI.create("https://raw.githubusercontent.com/djghosh13/geneval"
            + "/af4902f24d3ca90ebbb446dd9891a59e0f82725f/prompts/evaluation_metadata.jsonl");

    private OfficialPrompts() {}

    /** Where the file is kept. */
    public static Path place() {
        return Caches.ofTiller(System.getenv()).resolve("geneval").resolve("evaluation_metadata.jsonl");
    }

    /**
     * The file, if it was fetched or put there.
     *
     * @throws TillerException if it is not there, or is another
     */
    static Path find() {
        var file = place();
        if (!Files.isRegularFile(file)) {
            throw new TillerException("GenEval's prompts are not part of Tiller; fetch them with --fetch, put"
                    + " evaluation_metadata.jsonl at " + file
                    + ", or name the file: --suite evaluation_metadata.jsonl.");
        }
        return require(file);
    }

    /** Fetches the file to its place, unless it is there. */
    public static void fetch() {
        var file = place();
        if (Files.isRegularFile(file)) {
            require(file);
            return;
        }
        var draft = file.resolveSibling(".draft-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(file.resolveSibling(""));
            try (var in = SOURCE.toURL().openStream()) {
                Files.copy(in, draft, StandardCopyOption.REPLACE_EXISTING);
            }
            require(draft);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new TillerException(
                    "Cannot fetch GenEval's prompts from " + SOURCE
                            + "; fetch evaluation_metadata.jsonl by other means and put" + " it at " + file + ".",
                    e);
        } finally {
            draft.toFile().delete();
        }
    }

    private static Path require(Path file) {
        var found = Sha256.of(file);
        if (!found.equals(SHA256)) {
            throw new TillerException(file + " is not GenEval's evaluation_metadata.jsonl (its SHA-256 is " + found
                    + ", not " + SHA256 + "); to use it all the same, name the file with --suite.");
        }
        return file;
    }
}
