// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prompts from a table with a header, such as PartiPrompts' (Prompt, Category, Challenge, Note; tabs) or DrawBench's
 * (Prompts, Category; commas). Cells may be quoted, as RFC 4180 says.
 */
final class PromptTable {
    private PromptTable() {}

    static List<SuitePrompt> read(Path file, char separator) {
        var rows = rows(text(file), separator, file);
        var header = rows.isEmpty()
                ? List.<String>of()
                : rows.get(0).stream()
                        .map(cell -> cell.strip().toLowerCase(Locale.ROOT))
                        .toList();
        int prompt = Math.max(header.indexOf("prompt"), header.indexOf("prompts"));
        int category = header.indexOf("category");
        if (prompt < 0) {
            throw new TillerException(
                    "The first line of " + file + " should name the columns, one of them Prompt or Prompts"
                            + " (and perhaps Category), but is: " + String.join(separator + " ", header) + ".");
        }
        var prompts = new ArrayList<SuitePrompt>();
        for (int i = 1; i < rows.size(); i++) {
            var row = rows.get(i);
            if (prompt >= row.size() || row.get(prompt).isBlank()) {
                throw new TillerException("Row " + i + " of " + file + " has no prompt.");
            }
            var tag =
                    category >= 0 && category < row.size() && !row.get(category).isBlank() ? row.get(category) : "all";
            prompts.add(new SuitePrompt(row.get(prompt).strip(), tag.strip(), null));
        }
        return Suite.requireSome(prompts, file);
    }

    private static String text(Path file) {
        try {
            var text = Files.readString(file);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": it is no text in UTF-8.", e);
        }
    }

    private static List<List<String>> rows(String text, char separator, Path file) {
        var rows = new ArrayList<List<String>>();
        var row = new ArrayList<String>();
        var cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append(c);
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (c == separator) {
                row.add(cell.toString());
                cell.setLength(0);
            } else if (c == '\n') {
                row.add(cell.toString());
                cell.setLength(0);
                add(rows, row);
            } else if (c != '\r') {
                cell.append(c);
            }
        }
        if (quoted) {
            throw new TillerException("A cell of " + file + " begins with a quotation mark that is not closed: "
                    + cell.substring(0, Math.min(40, cell.length())).strip() + "…");
        }
        row.add(cell.toString());
        add(rows, row);
        return rows;
    }

    /** Unless the line is empty. */
    private static void add(List<List<String>> rows, List<String> row) {
        if (row.size() > 1 || !row.get(0).isBlank()) {
            rows.add(List.copyOf(row));
        }
        row.clear();
    }
}
