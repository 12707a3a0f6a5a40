// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static dev.tiller.record.Markup.count;
import static dev.tiller.record.Markup.dataUri;
import static dev.tiller.record.Markup.escape;
import static dev.tiller.record.Markup.number;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run as one HTML page that needs nothing else: what was asked, the pictures beside the unsteered ones, how the rewards
 * rose, who descends from whom, what it cost. Made from events and the pictures they name, so that a replayed log gives
 * the same page as a live run.
 */
public final class RunReport {
    private static final int MOST_COLUMNS = 9;
    private static final int MOST_PICTURES = 8;
    private static final int LARGEST_PICTURE = 512;
    private static final int LARGEST_THUMBNAIL = 96;
    /** A run and where its pictures are. */
    public record Shown(RunHistory history, Pictures pictures) {}

    private static final double WAYS_WIDTH = 1040;
    private static final double WAYS_HEIGHT = 420;

    private final Shown run;
    private final @Nullable Shown unsteered;
    private final @Nullable Shown bestOfN;
    private final Set<String> judges;
    private final Lineage lineage;
    private final StringBuilder html = new StringBuilder();

    private RunReport(Shown run, @Nullable Shown unsteered, @Nullable Shown bestOfN, Set<String> judges) {
        this.run = run;
        this.unsteered = unsteered;
        this.bestOfN = bestOfN;
        this.judges = judges;
        var history = run.history();
        // Noises that climb do not copy each other, so that any iterations can be shown: those that have pictures.
        var pictured = history.columns().stream()
                .filter(column -> history.preview(column.step(), 0).isPresent())
                .toList();
        lineage = new Lineage(
                history.isAscent() && pictured.size() > 1 ? pictured : history.columns(),
                MOST_COLUMNS,
                history.order().stream().map(history::inLastColumn).toList());
    }

    /**
     * The page.
     *
     * @param run the run that the page is about
     * @param unsteered what the plain model makes of the same seed, if it was asked
     * @param bestOfN the best of as many pictures as the same number of network evaluations buys, if asked
     * @param judges names of rewards that judge results and should not steer
     */
    public static String html(
            Shown run, @Nullable Shown unsteered, @Nullable Shown bestOfN, Collection<String> judges) {
        return new RunReport(run, unsteered, bestOfN, Set.copyOf(judges)).page();
    }

    private String page() {
        var history = run.history();
        html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"
                        + " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">")
                .append("<title>")
                .append(escape(history.manifest().prompt()))
                .append(" · Tiller</title>")
                .append("<style>")
                .append(resource("report.css"))
                .append("</style></head><body><main>");
        header();
        notes();
        pictures();
        curves();
        fronts();
        tree();
        ways();
        cost();
        details();
        return html.append("</main><div id=\"tip\" hidden><img alt=\"\"><p></p></div><script>")
                .append(resource("report.js"))
                .append("</script></body></html>\n")
                .toString();
    }

    private void header() {
        var manifest = run.history().manifest();
        html.append("<header><p class=\"kicker\">")
                .append(escape(RunSummary.methodName(run.history())))
                .append(" · seed ")
                .append(manifest.seed())
                .append("</p><h1>")
                .append(escape(manifest.prompt()))
                .append("</h1>");
        var negative = String.valueOf(manifest.plan().getOrDefault("negative", ""));
        if (!negative.isEmpty()) {
            html.append("<p class=\"negative\">without: ")
                    .append(escape(negative))
                    .append("</p>");
        }
        html.append("<p class=\"lead\">")
                .append(escape(new RunSummary(run.history(), lineage, historyOf(unsteered), historyOf(bestOfN)).text()))
                .append("</p></header>");
    }

    private static @Nullable RunHistory historyOf(@Nullable Shown shown) {
        return shown == null ? null : shown.history();
    }

    private void notes() {
        var history = run.history();
        var named = Set.copyOf(List.of(RunSummary.rewardNames(history).split("[^\\w-]+", -1)));
        var used = judges.stream().filter(named::contains).sorted().toList();
        if (!used.isEmpty()) {
            note(
                    "bad",
                    "The judge was also the guide. " + String.join(", ", used)
                            + " is meant for judging results; here it chose them, so its scores say nothing about how"
                            + " good these pictures are.");
        }
        var outcome = history.outcome();
        if (outcome.isEmpty()) {
            note("warn", "The run has not ended: this is what there was when the page was made.");
        } else if (outcome.get() instanceof Outcome.Cancelled cancelled) {
            note(
                    "warn",
                    "The run was stopped after " + cancelled.step() + " of " + history.steps()
                            + " steps; continue it with “tiller run --resume” and its folder.");
        } else if (outcome.get() instanceof Outcome.Failed failed) {
            note("bad", "The run failed: " + failed.message());
        }
        if (history.interventions().byHand()) {
            long decisions = history.interventions().all().stream()
                    .filter(at -> at.decision().byHand())
                    .count();
            note(
                    "warn",
                    "Steered by hand: somebody saw the particles and decided ("
                            + (decisions == 1 ? "once" : decisions == 2 ? "twice" : decisions + " times")
                            + "). The estimate of log Z is not unbiased; do not compare it.");
        }
        history.gamed().forEach(alarm -> note("bad", alarm));
        history.warned().forEach(warning -> note("warn", warning));
    }

    private void note(String style, String text) {
        html.append("<p class=\"note ")
                .append(style)
                .append("\">")
                .append(escape(text))
                .append("</p>");
    }

    private void pictures() {
        html.append("<section><h2>Pictures</h2>");
        row(run, unsteered == null && bestOfN == null ? "" : "Steered", "best reward first");
        if (unsteered != null) {
            row(unsteered, "Unsteered", "the plain model, same seed");
        }
        if (bestOfN != null) {
            row(
                    bestOfN,
                    "Best of " + bestOfN.history().particles(),
                    count(bestOfN.history().cost().networkEvaluations())
                            + " network evaluations, as many as steering used ("
                            + count(run.history().cost().networkEvaluations()) + ")");
        }
        html.append("</section>");
    }

    private void row(Shown shown, String title, String explanation) {
        var history = shown.history();
        if (!title.isEmpty()) {
            html.append("<h3>")
                    .append(escape(title))
                    .append(" <small>")
                    .append(escape(explanation))
                    .append("</small></h3>");
        }
        html.append("<div class=\"gallery\">");
        for (int rank = 1; rank <= Math.min(MOST_PICTURES, history.order().size()); rank++) {
            int slot = history.order().get(rank - 1);
            var alt = String.format(Locale.ROOT, "picture %d, particle %d", rank, slot + 1);
            var picture = history.finalPicture(slot)
                    .flatMap(shown.pictures()::find)
                    .flatMap(png -> fitted(png, LARGEST_PICTURE));
            html.append(rank == 1 ? "<figure class=\"best\">" : "<figure>");
            html.append(picture.map(uri -> "<img alt=\"%s\" src=\"%s\">".formatted(alt, uri))
                    .orElse("<div class=\"missing\">no picture</div>"));
            html.append("<figcaption>")
                    .append(number(history.reward(slot)))
                    .append("<span>no. ")
                    .append(slot + 1)
                    .append("</span>")
                    .append("</figcaption></figure>");
        }
        if (history.order().isEmpty()) {
            html.append("<p class=\"quiet\">No picture was finished.</p>");
        }
        html.append("</div>");
        if (history.order().size() > MOST_PICTURES) {
            html.append("<p class=\"quiet\">and ")
                    .append(history.order().size() - MOST_PICTURES)
                    .append(" more in the folder of the run</p>");
        }
    }

    private void curves() {
        var history = run.history();
        if (lineage.columns().size() < 2) {
            return;
        }
        html.append("<section class=\"two\">");
        chart(
                "Reward of each particle",
                history.isAscent()
                        ? "One line for each noise; its answer is its highest point."
                        : "Coloured lines reach the end; grey ones were dropped on the way.",
                RunCharts.rewards(history));
        if (history.isAscent()) {
            curve("Norm of the gradient", "Before clipping.", history.gradientNorms(), OptionalInt.empty());
            curve(
                    "Price of the noise prior",
                    "What each noise pays for being unlike noise.",
                    history.priors(),
                    OptionalInt.empty());
        } else {
            chart(
                    "Effective sample size",
                    "How many particles still count. Marks show where they were resampled.",
                    RunCharts.effectiveSampleSize(history));
        }
        if (history.rewardParts().size() > 1) {
            history.rewardParts()
                    .forEach(
                            part -> curve(part.name(), "A part of the reward, unweighted.", part, OptionalInt.empty()));
        }
        history.heldOut()
                .forEach(judge ->
                        curve("Held out: " + judge.name(), "Nobody steers by it.", judge, history.gamedAt(judge)));
        html.append("</section>");
    }

    private void curve(String title, String explanation, RunHistory.Curve curve, OptionalInt gamed) {
        chart(title, explanation, CurveChart.svg(title, run.history().steps(), curve, gamed));
    }

    private void chart(String title, String explanation, String svg) {
        html.append("<div><h2>")
                .append(escape(title))
                .append("</h2><p class=\"quiet\">")
                .append(escape(explanation))
                .append("</p>")
                .append(svg)
                .append("</div>");
    }

    private void tree() {
        if (lineage.columns().size() < 2) {
            return;
        }
        var history = run.history();
        html.append(
                history.isAscent()
                        ? "<section><h2>On the way</h2><p class=\"quiet\">What each noise made at some of its"
                                + " iterations. Point at one to see it.</p>"
                        : "<section><h2>Lineage</h2><p class=\"quiet\">What each particle was about to become, at the"
                                + " steps where it was judged. Point at one to see it and its ancestors.</p>");
        html.append(new LineageTree(lineage, history.steps())
                .svg((column, slot) -> history.picture(column, slot)
                        .flatMap(run.pictures()::find)
                        .flatMap(png -> fitted(png, LARGEST_THUMBNAIL))));
        html.append("</section>");
    }

    private void fronts() {
        var plots = FrontPlot.of(run.history());
        if (plots.isEmpty()) {
            return;
        }
        html.append("<section class=\"two\">");
        for (var plot : plots) {
            var pen = new SvgPen(FrontPlot.WIDTH, FrontPlot.HEIGHT, Palette.LIGHT.ground(), run.pictures());
            plot.draw(pen, Palette.LIGHT);
            chart(
                    "The front of " + plot.title(),
                    "The finished pictures; the line joins those that no other beats in both.",
                    pen.svg());
        }
        html.append("</section>");
    }

    private void ways() {
        var ways = Trajectories.of(run.history());
        // A way needs two stops.
        if (ways.stops().size() < 2) {
            return;
        }
        html.append(
                "<section><h2>Ways through latent space</h2><p class=\"quiet\">Where the particles went, on the plane of"
                        + " their largest spread; coloured by reward, faint where a line ended.</p><div class=\"ways\">");
        var pen = new SvgPen(WAYS_WIDTH, WAYS_HEIGHT, Palette.LIGHT.ground(), run.pictures());
        var plot = new TrajectoryPlot(ways, WAYS_WIDTH, WAYS_HEIGHT);
        int last = ways.stops().size() - 1;
        plot.draw(pen, Palette.LIGHT, last, Integer.MAX_VALUE);
        plot.dots(pen, Palette.LIGHT, last);
        plot.key(pen, Palette.LIGHT);
        html.append(pen.svg()).append("</div></section>");
    }

    private void cost() {
        html.append("<section><h2>Cost</h2><table><thead><tr><th></th><th>pictures</th><th>network"
                + " evaluations</th><th>decodes</th><th>reward calls</th><th>backward passes</th><th>best"
                + " reward</th></tr></thead><tbody>");
        costRow(RunSummary.methodName(run.history()), run);
        if (unsteered != null) {
            costRow("Unsteered, same seed", unsteered);
        }
        if (bestOfN != null) {
            costRow("Best of " + bestOfN.history().particles(), bestOfN);
        }
        html.append("</tbody></table></section>");
    }

    private void costRow(String name, Shown shown) {
        Cost cost = shown.history().cost();
        html.append("<tr><th>").append(escape(name)).append("</th>");
        for (long value : new long[] {
            shown.history().order().size(),
            cost.networkEvaluations(),
            cost.decodes(),
            cost.rewardCalls(),
            cost.backwardPasses()
        }) {
            html.append("<td>").append(count(value)).append("</td>");
        }
        html.append("<td>").append(number(shown.history().bestReward())).append("</td></tr>");
    }

    private void details() {
        var history = run.history();
        var manifest = history.manifest();
        html.append("<section><h2>To repeat it</h2><pre>tiller run --manifest manifest.json --out"
                + " ANOTHER_FOLDER</pre><details><summary>Plan, weights and versions</summary><table"
                + " class=\"facts\"><tbody>");
        var facts = new LinkedHashMap<String, String>();
        manifest.plan().forEach((name, value) -> facts.put(name, String.valueOf(value)));
        facts.put("device", manifest.device());
        facts.putAll(manifest.versions());
        var interventions = history.interventions();
        var caveat = interventions.caveat().map(c -> " (" + c + ")").orElse("");
        history.logEvidence().ifPresent(z -> facts.put("estimate of log Z" + caveat, number(z)));
        interventions
                .all()
                .forEach(at ->
                        facts.merge("after step " + at.step(), at.decision().text(), (a, b) -> a + "; " + b));
        manifest.weights().forEach(w -> facts.put(w.name(), w.sha256()));
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            html.append("<tr><th>")
                    .append(escape(fact.getKey()))
                    .append("</th><td>")
                    .append(escape(fact.getValue()))
                    .append("</td></tr>");
        }
        html.append("</tbody></table></details></section>");
    }

    /** As a data URI, made smaller if a side is longer than {@code most}; empty if it is damaged. */
    private static Optional<String> fitted(byte[] png, int most) {
        try {
            int side = png.length < 24
                    ? 0
                    : Math.max(
                            ByteBuffer.wrap(png).getInt(16),
                            ByteBuffer.wrap(png).getInt(20));
            if (side <= most) {
                return Optional.of(dataUri(png));
            }
            Picture picture = Png.decode(png).reduced((side + most - 1) / most);
            return Optional.of(dataUri(Png.encode(picture, Map.of())));
        } catch (TillerException e) {
            return Optional.empty();
        }
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(RunReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
