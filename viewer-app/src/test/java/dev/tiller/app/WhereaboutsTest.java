// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventLog;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.viewer.RunHistory;
import dev.tiller.viewer.Trajectories;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs say where their particles are, and how they look with their noise. */
class WhereaboutsTest {
    @TempDir
    Path temp;

    private List<RunEvent> events(String... args) {
        var out = temp.resolve("run");
        var all = Stream.concat(
                Arrays.stream(args), Stream.of("--unsteered", "0", "--seed", "5", "--out", out.toString()));
        var told = tiller(Stream.concat(Stream.of("run", "a red circle"), all).toArray(String[]::new));
        told.succeeds();
        var events = new ArrayList<RunEvent>();
        EventLog.replay(out.resolve("events.jsonl"), events::add);
        return events;
    }

    private static <E extends RunEvent> List<E> of(Class<E> kind, List<RunEvent> events) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static void eachStepIsLocated(List<RunEvent> events) {
        var located = of(Located.class, events);
        var done = of(StepDone.class, events);
        assertEquals(
                done.stream().map(StepDone::step).toList(),
                located.stream().map(Located::step).toList());
    }

    private Picture picture(Previewed of) {
        return Png.decode(RunFolder.pictureIn(temp.resolve("run"), of.sha256()).orElseThrow());
    }

    /** How much of a picture is seen in another of lower resolution: the correlation of their pixels, all three colours. */
    private static double likeness(Picture fine, Picture coarse) {
        var reduced = fine.reduced(fine.width() / coarse.width());
        int n = coarse.rgb().length;
        double a = 0;
        double b = 0;
        double aa = 0;
        double bb = 0;
        double ab = 0;
        for (int i = 0; i < n; i++) {
            double x = reduced.rgb()[i] & 0xFF;
            double y = coarse.rgb()[i] & 0xFF;
            a += x;
            b += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
        return (n * ab - a * b) / Math.sqrt((n * aa - a * a) * (n * bb - b * b));
    }

    @Test
    void particlesAreSeenWithTheirNoiseWhereTheyAreJudged() {
        var events = events(
                "--reward",
                "redness",
                "--steps",
                "12",
                "--particles",
                "3",
                "--resample-from",
                "2",
                "--resample-every",
                "3");
        eachStepIsLocated(events);
        var previews = of(Previewed.class, events);
        var clean = previews.stream().filter(p -> p.stage() != Stage.NOISY).toList();
        var noisy = previews.stream().filter(p -> p.stage() == Stage.NOISY).toList();
        assertEquals(
                clean.stream().map(p -> List.of(p.step(), p.slot())).toList(),
                noisy.stream().map(p -> List.of(p.step(), p.slot())).toList());
        assertTrue(clean.size() > 6);
        double first = likeness(picture(clean.get(0)), picture(noisy.get(0)));
        int last = clean.size() - 1;
        double end = likeness(picture(clean.get(last)), picture(noisy.get(last)));
        assertTrue(end > 0.8, "hardly any noise is left before the last step: " + end);
        assertTrue(first < end - 0.2, first + " at first, " + end + " in the end");
        assertEquals(16, picture(noisy.get(0)).width());
        var history = new RunHistory();
        events.forEach(history::on);
        assertEquals(
                noisy.get(1).sha256(),
                history.noisyPicture(noisy.get(1).step(), 1).orElseThrow());
        var ways = Trajectories.of(history);
        assertEquals(12, ways.stops().size());
        assertTrue(ways.share(0) > 0.2 && ways.share(0) + ways.share(1) < 1 + 1e-9);
    }

    @Test
    void familiesAreLocatedAfterTheyGrew() {
        var events = events(
                "--method",
                "svdd",
                "--reward",
                "redness",
                "--steps",
                "6",
                "--particles",
                "2",
                "--children",
                "2",
                "--resample-from",
                "1",
                "--resample-every",
                "2");
        eachStepIsLocated(events);
        assertEquals(
                List.of(1, 2),
                of(Located.class, events).stream()
                        .map(l -> l.sketches().length)
                        .distinct()
                        .sorted()
                        .toList());
    }

    @Test
    void searchedNoiseIsLocatedByWhatItMakesAndPivotsRest() {
        var events = events(
                "--method",
                "search",
                "--reward",
                "redness",
                "--steps",
                "2",
                "--particles",
                "2",
                "--iterations",
                "3",
                "--candidates",
                "2");
        eachStepIsLocated(events);
        var lengths = of(Located.class, events).stream()
                .map(l -> Arrays.stream(l.sketches()).map(s -> s.length).toList())
                .toList();
        assertEquals(List.of(List.of(32, 32), List.of(0, 32, 32, 0, 32, 32), List.of(0, 32, 32, 0, 32, 32)), lengths);
    }

    @Test
    void ascentsAreLocatedByWhatTheyMake() {
        var events =
                events("--method", "reno", "--reward", "clip", "--steps", "1", "--particles", "2", "--iterations", "4");
        eachStepIsLocated(events);
        var history = new RunHistory();
        events.forEach(history::on);
        var stops = Trajectories.of(history).stops();
        assertEquals(4, stops.size());
        assertTrue(Arrays.stream(stops.get(3).x()).allMatch(Double::isFinite));
        assertTrue(stops.get(3).x()[0] != stops.get(0).x()[0]);
    }
}
