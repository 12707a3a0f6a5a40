// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.EventLog;
import dev.tiller.record.EventOrder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.viewer.RunReport.Shown;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class RunReportTest {
    @TempDir
    Path folder;

    private static Shown shown(SyntheticRun run) {
        var history = new RunHistory();
        run.run(history);
        return new Shown(history, run);
    }

    private static Shown steered() {
        return shown(new SyntheticRun("fk", "clip", 8, 50, 64, 3));
    }

    @Test
    void aReplayGivesTheSamePage() {
        var run = new SyntheticRun("fk", "clip", 8, 50, 64, 3);
        var live = new RunHistory();
        var file = folder.resolve("events.jsonl");
        try (var log = EventLog.create(file)) {
            run.run(event -> {
                log.on(event);
                live.on(event);
            });
        }
        var replayed = new RunHistory();
        EventLog.replay(file, replayed);
        var page = RunReport.html(new Shown(live, run), null, null, List.of());
        assertEquals(page, RunReport.html(new Shown(replayed, run), null, null, List.of()));
    }

    @Test
    void everythingIsOnThePage() throws Exception {
        var unsteered = shown(new SyntheticRun("base", "clip", 8, 50, 64, 4));
        var best = shown(new SyntheticRun("bon", "clip", 8, 50, 64, 5));
        var page = RunReport.html(steered(), unsteered, best, List.of("verifier"));
        keep(page, "report.html");
        assertTrue(page.contains("a photo of a red circle &amp; a &lt;blue&gt; square"));
        assertFalse(page.contains("<blue>"));
        assertTrue(page.contains("Unsteered") && page.contains("Best of 8"));
        assertEquals(4, count(page, "<svg"));
        assertEquals(24, count(page, "<figure"));
        assertEquals(40, count(page, "<g class=\"node"));
        assertEquals(32, count(page, "<path class=\"edge"));
        assertEquals(0, count(page, "class=\"note"));
        assertEquals(0, count(page, "(src|href)=\"(?!data:)"));
        var drawings = Pattern.compile("(?s)<svg.*?</svg>").matcher(page);
        while (drawings.find()) {
            var xml = new InputSource(new StringReader(drawings.group()));
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml);
        }
    }

    private static Shown ascent(boolean gamed) {
        var run = new SyntheticRun("reno", "clip + 0.1*aesthetic", 6, 50, 64, 3);
        var history = new RunHistory();
        var order = new EventOrder();
        run.ascend(
                event -> {
                    order.on(event);
                    history.on(event);
                },
                gamed);
        assertTrue(order.ended());
        return new Shown(history, run);
    }

    @Test
    void anAscentShowsItsCurves() throws Exception {
        var page = RunReport.html(ascent(false), null, null, List.of());
        keep(page, "ascent.html");
        // Total, gradient, prior, two parts and their front, one held out, and the tree.
        assertEquals(9, count(page, "<svg"));
        for (var title : List.of(
                "Norm of the gradient", "Price of the noise prior", "clip", "aesthetic", "Held out: verifier")) {
            assertEquals(1, count(page, "<h2>" + title + "</h2>"), title);
        }
        assertFalse(page.contains("Effective sample size"));
        // Iterations 1, 11, 21, 31, 41 and the last have pictures.
        assertEquals(6 * 6, count(page, "<g class=\"node"));
        assertEquals(6 * 6, count(page, "<image"));
        assertEquals(0, count(page, "class=\"alarm\""));
        assertEquals(0, count(page, "class=\"note"));
        var drawings = Pattern.compile("(?s)<svg.*?</svg>").matcher(page);
        while (drawings.find()) {
            var xml = new InputSource(new StringReader(drawings.group()));
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml);
        }
    }

    @Test
    void aGamedRewardIsMarkedRed() throws Exception {
        var shown = ascent(true);
        var page = RunReport.html(shown, null, null, List.of());
        keep(page, "gamed.html");
        var raised = shown.history().gamedAt(shown.history().heldOut().get(0));
        // It falls from step 25 on, and a window has 5.
        assertTrue(raised.isPresent() && raised.getAsInt() >= 25 && raised.getAsInt() < 40, raised.toString());
        assertEquals(1, count(page, "class=\"alarm\""));
        assertTrue(page.contains("class=\"note bad\"") && page.contains("being gamed"));
    }

    /** The answer of an ascent is the best of its points, so that is what its picture is labelled with. */
    @Test
    void anAscentAnswersItsBest() {
        var history = ascent(false).history();
        for (int slot = 0; slot < 6; slot++) {
            int i = slot;
            double best = history.columns().stream()
                    .mapToDouble(column -> column.rewards()[i])
                    .max()
                    .orElseThrow();
            assertEquals(best, history.reward(slot));
            assertEquals(
                    best,
                    history.parts(slot).get("clip") + 0.1 * history.parts(slot).get("aesthetic"),
                    1e-12);
        }
    }

    @Test
    void steeringByTheJudgeIsMarked() {
        var page = RunReport.html(
                shown(new SyntheticRun("fk", "0.5*verifier + clip", 4, 20, 16, 1)), null, null, List.of("verifier"));
        assertTrue(page.contains("class=\"note bad\"") && page.contains("verifier is meant for judging"));
    }

    @Test
    void aRunThatWasKilledHasAPageToo() {
        var events = new ArrayList<RunEvent>();
        var run = new SyntheticRun("fk", "clip", 4, 30, 16, 1);
        run.run(events::add);
        for (int length = 1; length < events.size(); length++) {
            var history = new RunHistory();
            events.subList(0, length).forEach(history::on);
            var page = RunReport.html(new Shown(history, run), null, null, List.of());
            assertTrue(page.contains("has not ended"));
        }
    }

    @Test
    void manyParticlesAndColumnsAreThinnedTrue() {
        var history = new RunHistory();
        new SyntheticRun("fk", "clip", 40, 300, 8, 2).run(history);
        var finals = List.of(0, 7, 39);
        var whole = new Lineage(history.columns(), Integer.MAX_VALUE, finals);
        var few = new Lineage(history.columns(), 9, finals);
        assertEquals(30, whole.columns().size());
        assertEquals(9, few.columns().size());
        assertEquals(299, few.columns().get(8).step());
        assertEquals(whole.survivingOrigins(), few.survivingOrigins());
        for (int slot = 0; slot < 40; slot++) {
            assertEquals(whole.origin(29, slot), few.origin(8, slot));
        }
    }

    @Test
    void largePicturesAreReduced() {
        var large = shown(new SyntheticRun("fk", "clip", 4, 20, 700, 1));
        var page = RunReport.html(large, null, null, List.of());
        var matcher = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(page);
        int pictures = 0;
        while (matcher.find()) {
            var header = java.nio.ByteBuffer.wrap(java.util.Base64.getDecoder().decode(matcher.group(1)));
            assertTrue(header.getInt(16) <= 512);
            pictures++;
        }
        assertEquals(4 + 8, pictures);
    }

    @Test
    void theEndIsTold() {
        var run = new SyntheticRun("fk", "clip", 4, 20, 16, 1);
        var history = new RunHistory();
        run.run(event -> history.on(
                event instanceof RunEnded end
                        ? new RunEnded(new RunEvent.Outcome.Cancelled(12), new int[0], Double.NaN, end.cost())
                        : event));
        assertTrue(
                RunReport.html(new Shown(history, run), null, null, List.of()).contains("stopped after 12 of 20"));
    }

    private static long count(String page, String pattern) {
        return Pattern.compile(pattern).matcher(page).results().count();
    }

    /** So that a person can look at it. */
    private static void keep(String page, String name) throws IOException {
        var folder = Files.createDirectories(Path.of("target", "report"));
        Files.writeString(folder.resolve(name), page);
    }
}
