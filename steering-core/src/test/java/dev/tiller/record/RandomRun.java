// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Cost;
import dev.tiller.run.Decision;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Ascended;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.HeldOut;
import dev.tiller.run.RunEvent.Intervened;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Every kind of event, in a lawful order, with every kind of number. */
public final class RandomRun {
    private static final double[] ODD = {
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        -0.0,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        0.1,
        1e-320
    };

    private final Random random;
    private final List<RunEvent> events = new ArrayList<>();

    private RandomRun(long seed) {
        random = new Random(seed);
    }

    public static List<RunEvent> of(long seed) {
        return new RandomRun(seed).make();
    }

    private List<RunEvent> make() {
        int steps = 1 + random.nextInt(12);
        int n = 1 + random.nextInt(6);
        events.add(new RunStarted(manifest(), steps, n));
        int last = random.nextInt(steps);
        for (int step = 0; step <= last; step++) {
            if (random.nextInt(4) == 0) {
                var rows = slots(n, 1 + random.nextInt(2 * n));
                n = rows.length;
                events.add(new Intervened(step, decision(), rows, doubles(n)));
            }
            if (random.nextInt(3) == 0) {
                var parents = slots(n, 1 + random.nextInt(2 * n));
                events.add(new Expanded(step, parents));
                n = parents.length;
            }
            int told = random.nextInt(3);
            if (told == 0) {
                events.add(located(step, n));
            }
            events.add(new StepDone(step, doubles(n), number(), number(), cost()));
            if (random.nextInt(2) == 0) {
                events.add(new Warned(
                        step, random.nextBoolean() ? null : random.nextInt(n), "\"naïve\"\n\t雪 \uD83D\uDC31\\"));
            }
            if (told == 1) {
                events.add(located(step, n));
            }
            if (random.nextBoolean()) {
                events.add(preview(step, n, Stage.CLEAN));
                var parts = new LinkedHashMap<String, double[]>();
                parts.put("clip", doubles(n));
                parts.put("0.7*é + x", doubles(n));
                events.add(new Scored(step, doubles(n), parts, doubles(n), number()));
                events.add(preview(step, n, Stage.CLEAN));
                if (random.nextBoolean()) {
                    events.add(new HeldOut(step, Map.of("verifier", doubles(n))));
                    events.add(new Ascended(step, doubles(n), doubles(n)));
                }
                if (random.nextBoolean()) {
                    var ancestors = slots(n, 1 + random.nextInt(2 * n));
                    n = ancestors.length;
                    events.add(new Resampled(step, ancestors, doubles(n), number()));
                }
            }
        }
        events.add(preview(last, n, Stage.FINAL));
        var outcomes = List.of(
                new Outcome.Completed(),
                new Outcome.Failed("TillerException", "All rewards are NaN at step 3."),
                new Outcome.Cancelled(last + 1));
        events.add(new RunEnded(outcomes.get(random.nextInt(3)), slots(n, n), number(), cost()));
        return events;
    }

    private Located located(int step, int n) {
        var sketches = new double[n][];
        Arrays.setAll(sketches, i -> doubles(random.nextInt(5) == 0 ? 0 : 3));
        return new Located(step, sketches);
    }

    private Decision decision() {
        return List.of(
                        new Decision.Kill(List.of(0, 4)),
                        new Decision.Clone(2),
                        new Decision.Favour(List.of(1), 0.1 + random.nextDouble()),
                        new Decision.Reweigh(
                                Map.of("0.7*é + x", 0.1 * random.nextInt(), "judge(url=http://x/v1, m=a b)", 2.0)),
                        new Decision.Branch(random.nextInt(3) - 1, random.nextBoolean()))
                .get(random.nextInt(5));
    }

    private RunManifest manifest() {
        var plan = new LinkedHashMap<String, Object>();
        plan.put("method", "fk");
        plan.put("lambda", number(0.1 + random.nextDouble()));
        plan.put("particles", 8);
        plan.put("seed", Long.MIN_VALUE + random.nextInt());
        plan.put("baseline", random.nextBoolean());
        return new RunManifest(
                "a photo of a naïve 雪 cat \uD83D\uDC31",
                random.nextLong(),
                plan,
                List.of(new WeightFile("unet/x.safetensors", 1L << 40, "0".repeat(64))),
                Map.of("tiller", "0.1.0"),
                "cpu");
    }

    private Previewed preview(int step, int n, Stage stage) {
        return new Previewed(step, random.nextInt(n), RunFolder.sha256(new byte[] {(byte) random.nextInt()}), stage);
    }

    private Cost cost() {
        return new Cost(random.nextInt(1000), random.nextInt(100), random.nextInt(100), 0);
    }

    private int[] slots(int of, int count) {
        return IntStream.range(0, count).map(i -> random.nextInt(of)).toArray();
    }

    private double[] doubles(int n) {
        return IntStream.range(0, n).mapToDouble(i -> number()).toArray();
    }

    private double number() {
        return random.nextInt(4) == 0 ? ODD[random.nextInt(ODD.length)] : number(random.nextGaussian());
    }

    private double number(double scale) {
        return scale * Math.pow(10, random.nextInt(40) - 20);
    }
}
