// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files with a JSON object on each line, such as pairs, choices and prompts. */
final class JsonLines {
    private JsonLines() {}

    /** A line that is not blank, counting from 1. */
    record Line(Path file, int number, JsonNode node) {
        boolean has(String key) {
            return node.has(key);
        }

        /** @throws TillerException if there is no such text */
        String text(String key) {
            if (!node.path(key).isTextual()) {
                throw wrong("lacks the text \"" + key + "\"");
            }
            return node.path(key).asText();
        }

        /** The file that is named there, relative to this one's folder. */
        Path path(String key) {
            return file.resolveSibling(text(key));
        }

        /** @param what is wrong with it, to follow its number */
        TillerException wrong(String what) {
            return new TillerException("Line " + number + " of " + file + " " + what + ".");
        }
    }

    /**
     * All lines.
     *
     * @param of what they are, for errors
     * @throws TillerException if the file cannot be read, is empty, or a line is not JSON
     */
    static List<Line> read(Path file, String of) {
        var lines = new ArrayList<Line>();
        int number = 0;
        try {
            for (var line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    lines.add(new Line(file, number, TillerCommand.JSON.readTree(line)));
                }
            }
        } catch (JsonProcessingException e) {
            throw new TillerException("Line " + number + " of " + file + " is not JSON.", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + "; does it exist?", e);
        }
        if (lines.isEmpty()) {
            throw new TillerException("There are no " + of + " in " + file + ".");
        }
        return lines;
    }
}
