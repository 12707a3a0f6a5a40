// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import com.sun.management.OperatingSystemMXBean;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.WeightedReward;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Scope;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Scanner;

/**
 * The Java side of {@code tools/bench/towers.py}: times rewards on request. A request is a line {@code what batch side
 * repeats}, what being forward or gradient, of one reward or (forward3, gradient3) of three on one tower; the answer is one
 * line with the milliseconds of each, wall-clock/processor. Pictures are new each time, so that nothing was seen before.
 */
public final class TowerBench {
    private TowerBench() {}

    /** Arguments: the model's folder, and the type of the picture tower's maps. */
    public static void main(String[] args) {
        var catalogue = RewardCatalogue.load(Images.class);
        var request = new RewardRequest(
                "a photo of a red circle", Map.of("model", args[0]), name -> Path.of(args[0]), "cpu", w -> {});
        var options = "(dtype=" + args[1] + ")";
        try (var one = catalogue.create(RewardExpression.parse("clip" + options), request);
                var three = catalogue.create(
                        RewardExpression.parse("clip" + options + " + 2*goal" + options + " - iqa" + options),
                        request);
                var requests = new Scanner(System.in, StandardCharsets.UTF_8)) {
            System.out.println("ready, libtorch " + Engine.version() + ", " + Engine.threads() + " threads");
            while (requests.hasNext()) {
                var what = requests.next();
                System.out.println(answer(
                        what.endsWith("3") ? three : one,
                        what.startsWith("gradient"),
                        requests.nextInt(),
                        requests.nextInt(),
                        requests.nextInt()));
            }
        }
    }

    private static String answer(WeightedReward<Images> reward, boolean gradient, int batch, int side, int repeats) {
        var answer = new StringBuilder();
        var random = new Random(1);
        for (int i = 0; i < repeats; i++) {
            var pictures = new byte[batch][side * side * 3];
            for (var picture : pictures) {
                random.nextBytes(picture);
            }
            try (var images = Images.of(pictures, side, side)) {
                long wall = System.nanoTime();
                long cpu = processor();
                if (gradient) {
                    reward.grade(images, TowerBench::first).gradient().close();
                } else {
                    reward.scores(images);
                }
                answer.append(String.format(
                        Locale.ROOT, "%.3f/%.3f ", (System.nanoTime() - wall) / 1e6, (processor() - cpu) / 1e6));
            }
        }
        return answer.toString().strip();
    }

    /** Nanoseconds of processor time of all threads of this process. */
    private static long processor() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** The tower's gradient holds the weights already: it is the only one. */
    private static Images first(List<Double> weights, List<Images> gradients) {
        try (var scope = Scope.open()) {
            return new Images(scope.keep(scope.adopt(gradients.get(0).tensor()).times(weights.get(0))));
        }
    }
}
