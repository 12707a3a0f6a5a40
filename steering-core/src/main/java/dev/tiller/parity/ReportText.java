// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.parity.ParityReport.Row;
import dev.tiller.parity.ParityReport.Row.Status;
import java.util.Locale;

/** How a report is written. */
final class ReportText {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ReportText() {}

    static String json(ParityReport report) {
        var root = JSON.createObjectNode()
                .put("passed", report.passed())
                .put("pass", report.count(Status.PASS))
                .put("fail", report.count(Status.FAIL))
                .put("not_supported", report.count(Status.NOT_SUPPORTED))
                .put("unsupported_directories", report.unsupportedDirectories());
        var goldens = root.putArray("goldens");
        for (var section : report.sections()) {
            var golden = goldens.addObject()
                    .put("name", section.name())
                    .put("directory", section.directory().toString())
                    .put("supported", section.supported());
            var tensors = golden.putArray("tensors");
            section.rows().forEach(row -> put(row, tensors.addObject()));
        }
        return root.toPrettyString();
    }

    private static void put(Row row, ObjectNode node) {
        node.put("tensor", row.tensor()).put("status", row.status().name());
        number(node, "max_absolute_error", row.maxAbsolute());
        number(node, "max_relative_error", row.maxRelative());
        number(node, "allowed", row.allowed());
        if (!row.note().isEmpty()) {
            node.put("note", row.note());
        }
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        }
    }

    static String table(ParityReport report) {
        int width = report.sections().stream()
                .flatMap(s -> s.rows().stream())
                .mapToInt(row -> row.tensor().length())
                .max()
                .orElse(1);
        var text = new StringBuilder();
        for (var section : report.sections()) {
            text.append(section.name()).append(section.supported() ? "\n" : "  not supported yet\n");
            for (var row : section.rows()) {
                text.append(line(row, width)).append('\n');
            }
        }
        return text.append(report.count(Status.PASS))
                .append(" passed, ")
                .append(report.count(Status.FAIL))
                .append(" failed, ")
                .append(report.count(Status.NOT_SUPPORTED))
                .append(" not supported yet; ")
                .append(report.unsupportedDirectories())
                .append(" of ")
                .append(report.sections().size())
                .append(" directories not supported yet\n")
                .toString();
    }

    private static String line(Row row, int width) {
        var status = row.status() == Status.NOT_SUPPORTED ? "-" : row.status().name();
        var padding = " ".repeat(width - row.tensor().length());
        var errors = Double.isNaN(row.maxAbsolute())
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  absolute %.2e  relative %.2e  allowed %.2e",
                        row.maxAbsolute(),
                        row.maxRelative(),
                        row.allowed());
        return ("  " + (status + "    ").substring(0, 4) + " " + row.tensor() + padding + errors + "  " + row.note())
                .stripTrailing();
    }
}
