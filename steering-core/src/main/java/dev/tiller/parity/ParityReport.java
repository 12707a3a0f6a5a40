// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a parity run found: of each result its largest errors and whether it passed. Not for several threads at once. */
public final class ParityReport {
    private final Map<Path, Section> sections = new LinkedHashMap<>();

    /** One golden directory. Without rows it is not supported yet. */
    public record Section(Path directory, String name, List<Row> rows) {
        /** Whether some case computed it. */
        public boolean supported() {
            return !rows.isEmpty();
        }
    }

    /**
     * One result.
     *
     * @param maxAbsolute largest |got − reference|; NaN if they cannot be compared
     * @param maxRelative that, as a part of the largest finite |reference|
     * @param allowed the largest error that passes
     * @param note what else is to be said, usually nothing
     */
    public record Row(
            String tensor, Status status, double maxAbsolute, double maxRelative, double allowed, String note) {
        /** How it ended. */
        public enum Status {
            PASS,
            FAIL,
            NOT_SUPPORTED
        }

        static Row without(String tensor, Status status, String note) {
            return new Row(tensor, status, Double.NaN, Double.NaN, Double.NaN, note);
        }
    }

    void begin(Golden golden) {
        sections.put(golden.directory(), new Section(golden.directory(), golden.toString(), new ArrayList<>()));
    }

    /** Settles the results that the case said nothing about. */
    void end(Golden golden) {
        var section = section(golden);
        for (var name : golden.results().keySet()) {
            if (section.rows.stream().noneMatch(row -> row.tensor.equals(name))) {
                boolean gradient = Arrays.asList(name.split("\\.", -1)).contains("grad");
                section.rows.add(
                        gradient
                                ? Row.without(name, Status.NOT_SUPPORTED, "not supported yet: gradients")
                                : Row.without(name, Status.FAIL, "was not computed"));
            }
        }
    }

    void broken(Path directory, RuntimeException e) {
        var name = directory.getFileName().toString();
        var section = sections.computeIfAbsent(directory, d -> new Section(d, name, new ArrayList<>()));
        var what = e instanceof TillerException ? String.valueOf(e.getMessage()) : e.toString();
        section.rows.add(Row.without("(all others)", Status.FAIL, what));
    }

    private Section section(Golden golden) {
        var section = sections.get(golden.directory());
        if (section == null) {
            throw new IllegalStateException(golden + " is not the directory being run");
        }
        return section;
    }

    /** Compares a result with its reference, in shape and in every element. */
    public void compare(Golden golden, String tensor, Tensor got) {
        compare(golden, tensor, got.toDoubles(), got.shape());
    }

    /** Compares whole numbers with their reference. */
    public void compare(Golden golden, String tensor, long[] got, long... shape) {
        compare(golden, tensor, Arrays.stream(got).asDoubleStream().toArray(), shape);
    }

    /**
     * Compares a result with its reference, in shape and in every element. Infinities and NaN must be where the
     * reference has them.
     *
     * @param got the elements in row-major order
     */
    public void compare(Golden golden, String tensor, double[] got, long... shape) {
        var rows = section(golden).rows;
        if (rows.stream().anyMatch(row -> row.tensor.equals(tensor))) {
            throw new IllegalStateException(tensor + " of " + golden + " is compared twice");
        }
        var tolerance = golden.tolerance(tensor);
        if (!Arrays.equals(shape, golden.shape(tensor))) {
            rows.add(Row.without(
                    tensor,
                    Status.FAIL,
                    "has the shape " + Arrays.toString(shape) + " and not " + Arrays.toString(golden.shape(tensor))));
            return;
        }
        rows.add(row(tensor, tolerance, got, golden.doubles(tensor)));
    }

    private static Row row(String tensor, Tolerance tolerance, double[] got, double[] reference) {
        double largest = 0;
        double error = 0;
        int misplaced = 0;
        for (int i = 0; i < reference.length; i++) {
            if (Double.isFinite(reference[i]) && Double.isFinite(got[i])) {
                error = Math.max(error, Math.abs(got[i] - reference[i]));
            } else if (Double.compare(reference[i], got[i]) != 0) {
                misplaced++;
            }
            if (Double.isFinite(reference[i])) {
                largest = Math.max(largest, Math.abs(reference[i]));
            }
        }
        double allowed = tolerance.allowed(largest);
        var status = misplaced == 0 && error <= allowed ? Status.PASS : Status.FAIL;
        var note = misplaced == 0 ? "" : misplaced + " elements are infinite or NaN in one of both only";
        return new Row(tensor, status, error, error == 0 ? 0 : error / largest, allowed, note);
    }

    /** Says that a result belongs to a capability that does not exist yet; it is counted, and no failure. */
    public void notSupported(Golden golden, String tensor, String capability) {
        golden.tolerance(tensor);
        section(golden).rows.add(Row.without(tensor, Status.NOT_SUPPORTED, "not supported yet: " + capability));
    }

    /** The directories in the order of their paths. */
    public List<Section> sections() {
        return List.copyOf(sections.values());
    }

    /** The number of results that ended so. */
    public long count(Status status) {
        return sections.values().stream()
                .flatMap(s -> s.rows.stream())
                .filter(row -> row.status == status)
                .count();
    }

    /** The number of directories that nobody could compute. */
    public long unsupportedDirectories() {
        return sections.values().stream().filter(s -> !s.supported()).count();
    }

    /** Whether every directory is supported and no result failed. */
    public boolean passed() {
        return count(Status.FAIL) == 0 && unsupportedDirectories() == 0;
    }

    /** The report as JSON. */
    public String json() {
        return ReportText.json(this);
    }

    /** The report as a table with a summary in its last line. */
    public String table() {
        return ReportText.table(this);
    }
}
