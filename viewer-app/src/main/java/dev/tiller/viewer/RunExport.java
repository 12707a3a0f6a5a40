// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Writes what the window shows of a run into files, as the ending of their names says; a screen is not needed. */
public final class RunExport {
    /** What a file may show. */
    public enum Subject {
        CURVES("svg", "png", "csv"),
        LINEAGE("svg", "png", "gif"),
        TRAJECTORIES("svg", "png", "csv", "gif"),
        FILM("gif");

        private final String formats;

        Subject(String... formats) {
            this.formats = String.join(" ", formats);
        }

        /** Endings of file names, the usual one first. */
        public List<String> formats() {
            return List.of(formats.split(" ", -1));
        }
    }

    private static final double WIDTH = 1000;
    private static final double CURVES_HEIGHT = 700;
    /** Frames of an animation are no wider or higher than this. */
    private static final double FRAME = 720;
    /** At most so many columns of a lineage. */
    private static final int COLUMNS = 60;

    private static final int LAST_MILLIS = 2000;

    private final RunHistory history;
    private final Pictures pictures;
    private final Palette palette;
    private final Lineage lineage;
    private final java.util.Map<String, java.util.Optional<BufferedImage>> decoded = ImagePen.cache();

    /** @param history not to change while something is written */
    public RunExport(RunHistory history, Pictures pictures, Palette palette) {
        this.history = history;
        this.pictures = pictures;
        this.palette = palette;
        this.lineage = Lineage.of(history, COLUMNS);
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @param milliseconds a frame of an animation, at least 20
     * @param particle of the end, from 0, whose descent the film shows; -1 for all particles side by side
     * @throws TillerException if the ending is none of the subject's, the run has nothing to show, or it cannot be written
     */
    public void write(Subject subject, Path file, int milliseconds, int particle) {
        var format = format(subject, file);
        if (history.columns().isEmpty()) {
            throw new TillerException("The run has not judged its particles yet: there is nothing to export.");
        }
        if (particle >= history.alive()) {
            throw new TillerException("The run ends with " + history.alive() + " particles; there is no particle "
                    + (particle + 1) + ".");
        }
        try {
            // Not a temporary file of the JDK's: those cannot be read by others.
            var draft = file.toAbsolutePath().resolveSibling(".draft-" + file.getFileName());
            try {
                try (var out = new BufferedOutputStream(Files.newOutputStream(draft))) {
                    write(subject, format, out, milliseconds, particle);
                }
                Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            var folder = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file)) {
                throw new TillerException("Cannot write " + file + ": it is a folder.", e);
            } else if (folder != null && Files.isDirectory(folder) && Files.isWritable(folder)) {
                throw Disk.problem("write", file, e);
            }
            throw new TillerException(
                    "Cannot write " + file + ": its folder is not there, or not to be written to.", e);
        }
    }

    private static String format(Subject subject, Path file) {
        var name = String.valueOf(file.getFileName());
        var ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!name.contains(".") || !subject.formats().contains(ending)) {
            throw new TillerException("The name " + file + " should end in "
                    + subject.formats().stream().map(f -> "." + f).collect(Collectors.joining(", ")) + ".");
        }
        return ending;
    }

    private void write(Subject subject, String format, OutputStream out, int milliseconds, int particle)
            throws IOException {
        int columns = lineage.columns().size();
        if (subject == Subject.TRAJECTORIES) {
            trajectories(format, out, milliseconds);
        } else if (format.equals("csv")) {
            out.write(CurvesCsv.of(history).getBytes(StandardCharsets.UTF_8));
        } else if (subject == Subject.CURVES) {
            var plots = Plots.of(history, Lineage.of(history));
            still(
                    format,
                    out,
                    WIDTH,
                    CURVES_HEIGHT,
                    pen -> new CurvesPlot(plots, history.steps(), WIDTH, CURVES_HEIGHT, false).draw(pen, palette));
        } else if (subject == Subject.LINEAGE && !format.equals("gif")) {
            still(
                    format,
                    out,
                    treeWidth(),
                    treeHeight(),
                    pen -> tree(treeWidth(), treeHeight()).draw(pen, palette, history::picture));
        } else if (subject == Subject.LINEAGE) {
            double scale = Math.min(1, FRAME / Math.max(treeWidth(), treeHeight()));
            animate(out, columns, milliseconds, c -> growing(c, scale));
        } else {
            int last = particle < 0 ? -1 : history.inLastColumn(particle);
            animate(out, columns, milliseconds, c -> last < 0 ? grid(c) : one(c, ancestor(c, last)));
        }
    }

    private void trajectories(String format, OutputStream out, int milliseconds) throws IOException {
        var ways = Trajectories.of(history);
        if (ways.stops().isEmpty()) {
            throw new TillerException("The record of this run does not say where its particles were; it was made by an"
                    + " older Tiller. Run it again to see their ways.");
        }
        int last = ways.stops().size() - 1;
        if (format.equals("csv")) {
            out.write(TrajectoriesCsv.of(ways).getBytes(StandardCharsets.UTF_8));
        } else if (format.equals("gif")) {
            int frames = lineage.columns().size();
            animate(
                    out,
                    frames,
                    milliseconds,
                    c -> frame(FRAME, FRAME, 1, pen -> {
                        ways(
                                ways,
                                pen,
                                FRAME,
                                FRAME - 20,
                                ways.indexAt(lineage.columns().get(c).step()));
                        caption(pen, c, FRAME);
                    }));
        } else {
            still(format, out, WIDTH, CURVES_HEIGHT, pen -> ways(ways, pen, WIDTH, CURVES_HEIGHT, last));
        }
    }

    private void ways(Trajectories ways, Pen pen, double width, double height, int until) {
        var plot = new TrajectoryPlot(ways, width, height);
        plot.map(pen, palette);
        plot.draw(pen, palette, until, Integer.MAX_VALUE);
        plot.dots(pen, palette, until);
        plot.key(pen, palette);
    }

    private interface Drawn {
        void with(Pen pen);
    }

    private void still(String format, OutputStream out, double width, double height, Drawn drawn) throws IOException {
        if (format.equals("svg")) {
            var pen = new SvgPen(width, height, palette.ground(), pictures);
            drawn.with(pen);
            out.write(pen.svg().getBytes(StandardCharsets.UTF_8));
        } else {
            ImageIO.setUseCache(false);
            ImageIO.write(frame(width, height, 2, drawn), "png", out);
        }
    }

    private BufferedImage frame(double width, double height, double scale, Drawn drawn) {
        var pen = new ImagePen(width, height, scale, palette.ground(), pictures, decoded);
        drawn.with(pen);
        return pen.image();
    }

    private static void animate(OutputStream out, int frames, int milliseconds, IntFunction<BufferedImage> frame)
            throws IOException {
        Gif.write(IntStream.range(0, frames).mapToObj(frame).iterator(), milliseconds, LAST_MILLIS, out);
    }

    private double treeWidth() {
        return Math.max(320, lineage.columns().size() * (lineage.tallest() > 64 ? 24.0 : 72.0));
    }

    private double treeHeight() {
        return 40 + lineage.tallest() * Math.max(6, Math.min(48.0, 900.0 / lineage.tallest()));
    }

    private LineagePlot tree(double width, double height) {
        return new LineagePlot(lineage, width, height, LineagePlot.Window.ALL);
    }

    private BufferedImage growing(int column, double scale) {
        return frame(treeWidth(), treeHeight(), scale, pen -> {
            var plot = tree(treeWidth(), treeHeight());
            plot.draw(pen, palette, history::picture);
            plot.cursor(pen, palette, column);
        });
    }

    private BufferedImage grid(int column) {
        var at = lineage.columns().get(column);
        return frame(FRAME, FRAME, 1, pen -> {
            // As large as the tallest needs, or frames would jump where the population changes.
            new GridPlot(at.rewards().length, FRAME, FRAME - 20)
                    .draw(pen, palette, lineage, column, slot -> history.picture(at, slot));
            caption(pen, column, FRAME);
        });
    }

    private BufferedImage one(int column, int slot) {
        double side = 384;
        var at = lineage.columns().get(column);
        return frame(side, side + 20, 1, pen -> {
            if (history.picture(at, slot)
                    .filter(sha -> pen.picture(sha, 1, 0, 0, side, side))
                    .isEmpty()) {
                pen.box(palette.card(), 0, 0, side, side);
            }
            caption(pen, column, side + 20);
        });
    }

    private void caption(Pen pen, int column, double height) {
        pen.text(
                palette.muted(),
                12,
                Pen.Anchor.LEFT,
                10,
                height - 18,
                Messages.of("scrubber.at", lineage.columns().get(column).step() + 1, history.steps()));
    }

    /** The slot of a column that a slot of the last column descends from. */
    private int ancestor(int column, int slot) {
        int at = slot;
        for (int c = lineage.columns().size() - 1; c > column; c--) {
            at = lineage.columns().get(c).parents()[at];
        }
        return at;
    }
}
