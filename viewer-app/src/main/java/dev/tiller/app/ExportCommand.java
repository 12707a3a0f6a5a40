// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.record.EventLog;
import dev.tiller.record.RunFolder;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.Palette;
import dev.tiller.viewer.RunExport;
import dev.tiller.viewer.RunExport.Subject;
import dev.tiller.viewer.RunHistory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiller export}: what the window shows of a run, as files. */
@Command(
        name = "export",
        description =
                "Writes the curves, the lineage, the ways through latent space and the animation of a recorded run into files; needs no screen.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tiller export runs/first --curves curves.svg --film film.gif",
            "  tiller export runs/first --curves curves.csv",
            "  tiller export runs/first --lineage lineage.gif",
            "  tiller export runs/first --film third.gif --particle 3 --delay 80"
        })
final class ExportCommand extends TillerCommand {
    private static final int SHORTEST = 20;

    @Parameters(paramLabel = "RUN", description = "A folder of a run, or its events.jsonl.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path run;

    @Option(names = "--curves", paramLabel = "FILE", description = "Rewards and all other curves: .svg, .png or .csv.")
    private @Nullable Path curves;

    @Option(
            names = "--lineage",
            paramLabel = "FILE",
            description = "Who descends from whom: .svg, .png, or growing from step to step: .gif.")
    private @Nullable Path lineage;

    @Option(
            names = "--trajectories",
            paramLabel = "FILE",
            description = "Where the particles went, on the plane of their largest spread: .svg, .png, .csv or .gif.")
    private @Nullable Path trajectories;

    @Option(names = "--film", paramLabel = "FILE", description = "The pictures from step to step: .gif.")
    private @Nullable Path film;

    @Option(
            names = "--particle",
            paramLabel = "N",
            defaultValue = "0",
            description = "The film shows how this particle of the end came about; 0: all side by side.")
    private int particle;

    @Option(
            names = "--delay",
            paramLabel = "MS",
            defaultValue = "200",
            description = "How long a frame of an animation is seen (default: ${DEFAULT-VALUE}).")
    private int delay;

    @Option(names = "--dark", description = "On a dark ground.")
    private boolean dark;

    @Override
    public Integer call() {
        var wanted = new LinkedHashMap<Path, Subject>();
        put(wanted, curves, Subject.CURVES);
        put(wanted, lineage, Subject.LINEAGE);
        put(wanted, trajectories, Subject.TRAJECTORIES);
        put(wanted, film, Subject.FILM);
        if (wanted.isEmpty()) {
            throw new TillerException(
                    "Say what to export: --curves, --lineage, --trajectories or --film, each with a file.");
        }
        if (delay < SHORTEST || delay > 60_000 || particle < 0) {
            throw new TillerException("--delay is from 20 to 60000 milliseconds, --particle from 0 on.");
        }
        var log = Files.isDirectory(run) ? run.resolve("events.jsonl") : run;
        if (!Files.isRegularFile(log)) {
            throw new TillerException(
                    "There is no run in " + run + ": a run is a folder with a file events.jsonl in it.");
        }
        var history = new RunHistory();
        EventLog.replay(log, history);
        var folder = log.toAbsolutePath().resolveSibling("");
        var export =
                new RunExport(history, sha -> RunFolder.pictureIn(folder, sha), dark ? Palette.DARK : Palette.LIGHT);
        var written = JSON.createArrayNode();
        wanted.forEach((file, subject) -> {
            export.write(subject, file, delay, particle - 1);
            written.add(file.toString());
            if (!json()) {
                out().println(file);
            }
        });
        if (json()) {
            print(written);
        }
        return 0;
    }

    private static void put(Map<Path, Subject> wanted, @Nullable Path file, Subject subject) {
        if (file != null) {
            wanted.put(file, subject);
        }
    }
}
