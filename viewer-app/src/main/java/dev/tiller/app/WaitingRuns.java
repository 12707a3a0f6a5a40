// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/** The runs that wait in the window's queue, as a file in the user's settings folder. */
final class WaitingRuns {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /** @param settings the folder; made when there is something to keep */
    WaitingRuns(Path settings) {
        this.file = settings.resolve("queue.json");
    }

    /** In order; a file that cannot be read is put aside, as queue.json.broken. */
    List<Map<String, String>> read() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            List<Map<String, String>> runs = JSON.readValue(file.toFile(), new TypeReference<>() {});
            if (runs == null || runs.stream().anyMatch(run -> run == null || run.containsValue(null))) {
                throw new IOException("null where a run or a value belongs");
            }
            return runs;
        } catch (IOException e) {
            try {
                Files.move(file, file.resolveSibling("queue.json.broken"), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException again) {
                // Then it stays, and is written over.
            }
            return List.of();
        }
    }

    /** @throws TillerException if they cannot be written */
    void write(List<Map<String, String>> waiting) {
        try {
            Files.createDirectories(file.resolveSibling(""));
            var draft = file.resolveSibling("queue.json.draft");
            JSON.writerWithDefaultPrettyPrinter().writeValue(draft.toFile(), waiting);
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new TillerException("The queue cannot be kept in " + file + ": " + e.getMessage() + ".", e);
        }
    }
}
