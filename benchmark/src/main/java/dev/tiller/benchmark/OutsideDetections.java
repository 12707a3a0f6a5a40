// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.GenEvalScore.ImageVerdict;
import dev.tiller.run.TillerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judgements by a detector of somebody else, who has looked at the exported pictures: a file {@code
 * geneval/CELL/detections.jsonl} for every cell, the images named as they were exported.
 */
final class OutsideDetections {
    private static final String NAME = "detections.jsonl";

    private OutsideDetections() {}

    /** Whether there are any. */
    static boolean in(BenchFolder folder, BenchPlan plan) {
        return plan.cells().stream().anyMatch(cell -> Files.exists(file(folder, plan, cell)));
    }

    /**
     * The units, judged so.
     *
     * @throws TillerException if a cell or an image lacks detections, or a prompt has no rules
     */
    static List<UnitRecord> judge(BenchFolder folder, BenchPlan plan, List<UnitRecord> units) {
        if (plan.suite().prompts().stream().anyMatch(p -> p.rules() == null)) {
            throw new TillerException("There are detections in " + folder.path().resolve("geneval")
                    + ", but the prompts of the suite have no rules to judge by.");
        }
        Map<String, ImageVerdict> verdicts = new HashMap<>();
        for (var cell : plan.cells()) {
            var found = DetectionFile.read(
                    file(folder, plan, cell), plan.suite().prompts().size());
            var judged = GenEvalScore.judge(plan.suite(), found);
            GenEvalScore.of(plan.suite(), judged, plan.images(), false);
            judged.forEach(v -> verdicts.put(cell.name() + "/" + v.promptIndex() + "/" + v.image(), v));
        }
        return units.stream().map(unit -> judged(unit, verdicts)).toList();
    }

    private static UnitRecord judged(UnitRecord unit, Map<String, ImageVerdict> verdicts) {
        var verdict = verdicts.get(unit.cell() + "/" + unit.prompt() + "/" + BenchReport.exportName(unit));
        if (verdict == null) {
            throw new TillerException("The detections of " + unit.cell() + " lack image " + BenchReport.exportName(unit)
                    + " of prompt " + unit.prompt() + ".");
        }
        return new UnitRecord(
                unit.recipe(),
                unit.cell(),
                unit.prompt(),
                unit.image(),
                unit.seed(),
                unit.picture(),
                verdict.correct(),
                verdict.reason(),
                unit.reward(),
                unit.judges(),
                unit.cost(),
                unit.seconds(),
                unit.overhead(),
                unit.remarks());
    }

    private static Path file(BenchFolder folder, BenchPlan plan, Cell cell) {
        return folder.files().resolve("geneval/" + plan.fileName(cell) + "/" + NAME);
    }
}
