// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunManifest;
import dev.tiller.viewer.Trajectories.Stop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrajectoriesTest {
    private final RunHistory history = new RunHistory();

    private void start(int particles) {
        history.on(new RunStarted(new RunManifest("x", 1, Map.of(), List.of(), Map.of(), "cpu"), 10, particles));
    }

    private void step(int step, double[]... sketches) {
        history.on(new Located(step, sketches));
        int n = sketches.length;
        history.on(new StepDone(step, new double[n], n, 0, Cost.NONE));
    }

    private void judge(int step, double... rewards) {
        history.on(new Scored(step, rewards, Map.of(), new double[rewards.length], rewards.length));
    }

    /** In a plane of a space of four. */
    private static double[] at(double u, double v) {
        return new double[] {u, v / Math.sqrt(2), -v / Math.sqrt(2), 7};
    }

    private static double distance(Stop a, int i, Stop b, int j) {
        return Math.hypot(a.x()[i] - b.x()[j], a.y()[i] - b.y()[j]);
    }

    /** Two particles; the second is copied over the first after the second step, then both go on. */
    private Trajectories copied() {
        start(2);
        step(0, at(0, 0), at(0, 1));
        step(1, at(1, 0), at(1, 1));
        judge(1, 0.25, 0.75);
        history.on(new Resampled(1, new int[] {1, 1}, new double[2], 1));
        step(2, at(3, 1), at(2, 2));
        return Trajectories.of(history);
    }

    @Test
    void aPlaneIsSeenAsItIs() {
        var stops = copied().stops();
        assertEquals(1, distance(stops.get(0), 0, stops.get(0), 1), 1e-9);
        assertEquals(1, distance(stops.get(0), 0, stops.get(1), 0), 1e-9);
        assertEquals(Math.sqrt(10), distance(stops.get(0), 0, stops.get(2), 0), 1e-9);
        assertTrue(stops.get(2).x()[0] > stops.get(0).x()[0], "time goes to the right");
        var ways = Trajectories.of(history);
        assertEquals(1, ways.share(0) + ways.share(1), 1e-9);
        assertTrue(ways.share(0) > ways.share(1));
    }

    @Test
    void linesJoinTheirAncestorsAndEndWhereTheyDied() {
        var stops = copied().stops();
        assertArrayEquals(new int[] {1, 1}, stops.get(2).parents());
        assertArrayEquals(new int[] {0, 1}, stops.get(1).parents());
        assertArrayEquals(new boolean[] {true, true}, stops.get(2).survives());
        assertArrayEquals(new boolean[] {false, true}, stops.get(1).survives());
        assertArrayEquals(new boolean[] {false, true}, stops.get(0).survives());
    }

    @Test
    void whoDiedAfterTheLastMoveIsDead() {
        start(2);
        step(0, at(0, 0), at(0, 1));
        judge(0, 1, 2);
        history.on(new Resampled(0, new int[] {1, 1}, new double[2], 1));
        assertArrayEquals(
                new boolean[] {false, true},
                Trajectories.of(history).stops().get(0).survives());
    }

    @Test
    void rewardsGoDownTheLine() {
        var stops = copied().stops();
        assertArrayEquals(new double[] {Double.NaN, Double.NaN}, stops.get(0).rewards());
        assertArrayEquals(new double[] {0.25, 0.75}, stops.get(1).rewards());
        assertArrayEquals(new double[] {0.75, 0.75}, stops.get(2).rewards());
    }

    @Test
    void childrenBeginWhereTheirParentIs() {
        start(1);
        step(0, at(0, 0));
        history.on(new Expanded(1, new int[] {0, 0, 0}));
        step(1, at(1, 0), at(1, 1), at(1, 2));
        assertArrayEquals(
                new int[] {0, 0, 0}, Trajectories.of(history).stops().get(1).parents());
    }

    @Test
    void whoRestsStaysWhereItIs() {
        start(2);
        step(0, at(0, 0), at(0, 1));
        step(1, new double[0], at(1, 1));
        step(2, new double[0], new double[] {Double.NaN, 1, 1, 1});
        var stops = Trajectories.of(history).stops();
        assertEquals(0, distance(stops.get(0), 0, stops.get(2), 0), 0);
        assertEquals(0, distance(stops.get(1), 1, stops.get(2), 1), 0);
        assertEquals(1, distance(stops.get(1), 1, stops.get(0), 1), 1e-9);
    }

    @Test
    void addingStepsIsTheWholeAgainAndNothingFlips() {
        var run = new SyntheticRun("fk", "clip", 6, 30, 8, 5);
        var ways = new Trajectories(history);
        var before = new ArrayList<Stop>();
        run.run(event -> {
            history.on(event);
            if (event instanceof StepDone) {
                ways.update();
                for (int axis = 0; axis < 2 && !before.isEmpty(); axis++) {
                    // Turned back, the same points would be on the other side of their centre.
                    assertTrue(along(before, ways.stops(), axis) > -1e-9, "step " + before.size());
                }
                before.clear();
                before.addAll(ways.stops());
            }
        });
        ways.update();
        var whole = Trajectories.of(history);
        assertEquals(30, before.size());
        double sense = Math.signum(along(whole.stops(), ways.stops(), 0));
        for (int s = 0; s < 30; s++) {
            var mirrored =
                    Arrays.stream(ways.stops().get(s).x()).map(x -> sense * x).toArray();
            assertArrayEquals(whole.stops().get(s).x(), mirrored, 1e-9);
            assertArrayEquals(
                    whole.stops().get(s).survives(), ways.stops().get(s).survives());
        }
        assertEquals(9, ways.indexAt(9));
        assertEquals(29, ways.indexAt(1000));
        assertEquals(-1, ways.indexAt(-1));
    }

    private static double along(List<Stop> a, List<Stop> b, int axis) {
        double sum = 0;
        double middle = mean(a, b.size(), axis);
        double other = mean(b, a.size(), axis);
        for (int s = 0; s < Math.min(a.size(), b.size()); s++) {
            for (int slot = 0; slot < a.get(s).x().length; slot++) {
                sum += (at(a.get(s), axis)[slot] - middle) * (at(b.get(s), axis)[slot] - other);
            }
        }
        return sum;
    }

    private static double mean(List<Stop> stops, int most, int axis) {
        return stops.stream()
                .limit(most)
                .flatMapToDouble(s -> Arrays.stream(at(s, axis)))
                .average()
                .orElse(0);
    }

    private static double[] at(Stop stop, int axis) {
        return axis == 0 ? stop.x() : stop.y();
    }

    @Test
    void withoutPlacesThereIsNothing() {
        start(2);
        history.on(new StepDone(0, new double[2], 2, 0, Cost.NONE));
        var ways = Trajectories.of(history);
        assertTrue(ways.stops().isEmpty());
        assertEquals(-1, ways.indexAt(3));
    }
}
