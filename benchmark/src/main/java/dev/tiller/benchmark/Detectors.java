// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.weights.ModelLocator;
import java.util.List;
import java.util.Optional;

/**
 * Detectors by what one writes, in the grammar of rewards: {@code detr(path=FOLDER, colors=FOLDER)}, {@code
 * torchscript(path=FILE, labels=FILE)}; or, where nothing is written,
 * the verifier of the scene world for suites that ask for nothing else.
 */
final class Detectors {
    private Detectors() {}

    /**
     * Sees that what is written names a detector with options that it has, and that the suite has use for one.
     *
     * @param written empty if nothing is
     * @throws TillerException if not
     */
    static void check(String written, Suite suite) {
        if (written.isEmpty()) {
            return;
        }
        LearntDetector.check(named(written));
        if (suite.prompts().stream().anyMatch(p -> p.rules() == null)) {
            throw new TillerException("The suite " + suite.name()
                    + " has prompts without rules that a detector could judge by; leave out --detector.");
        }
    }

    private static Named named(String written) {
        if (RewardExpression.parse(written) instanceof Named named) {
            return named;
        }
        throw new TillerException(
                "'" + written + "' is no detector; write detr(path=FOLDER) or torchscript(path=FILE, labels=FILE).");
    }

    /**
     * The detector of a plan, loaded.
     *
     * @throws TillerException if it will not load, or cannot find what the suite asks for
     */
    static Optional<Detector> load(BenchPlan plan, ModelLocator models) {
        if (plan.detector().isEmpty()) {
            return SceneDetector.forSuite(plan.suite());
        }
        var device = Device.parse(plan.plain().get(RunPlan.DEVICE));
        return Optional.of(LearntDetector.load(named(plan.detector()), plan.suite(), models::locate, device));
    }

    /** The files that a plan's detector is made of: configurations and weights. */
    static List<WeightFile> files(BenchPlan plan, ModelLocator models) {
        return plan.detector().isEmpty() ? List.of() : LearntDetector.files(named(plan.detector()), models::locate);
    }

    /** What found the objects, and what that means for the numbers, without loading it. */
    static String remark(BenchPlan plan) {
        return plan.detector().isEmpty() ? SceneDetector.REMARK : LearntDetector.remark(named(plan.detector()));
    }
}
