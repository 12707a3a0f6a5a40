// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import dev.tiller.viewer.PrincipalAxes.Plane;
import dev.tiller.viewer.RunHistory.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The ways of a run's particles through latent space, seen on the plane in which their sketches spread most. What has come
 * since is added by {@link #update}; the plane is that of all points so far, and does not flip when some are added.
 */
public final class Trajectories {
    /**
     * The particles after a move, on the plane.
     *
     * @param step counting from 0
     * @param parents for each slot the one of the stop before that it descends from
     * @param x along the axis of the largest spread, one for each slot; NaN where it is not known
     * @param y across it
     * @param rewards when the slot or its ancestor was last judged; NaN before
     * @param survives whether a slot has descendants now
     */
    public record Stop(int step, int[] parents, double[] x, double[] y, double[] rewards, boolean[] survives) {}

    private final RunHistory history;
    private @Nullable PrincipalAxes axes;
    private @Nullable Plane plane;
    private int added;
    private List<Stop> stops = List.of();
    private double lowest = Double.NaN;
    private double highest = Double.NaN;

    public Trajectories(RunHistory history) {
        this.history = history;
    }

    /** All that there is of a run. */
    public static Trajectories of(RunHistory history) {
        var all = new Trajectories(history);
        all.update();
        return all;
    }

    /** Takes what has come since. */
    public void update() {
        var places = history.places();
        for (; added < places.size(); added++) {
            for (var sketch : places.get(added).sketches()) {
                if (known(sketch)) {
                    var into = axes == null ? new PrincipalAxes(sketch.length) : axes;
                    into.add(sketch);
                    axes = into;
                }
            }
        }
        if (axes != null) {
            plane = axes.plane(plane == null ? drift(places) : plane.axes());
            stops = stops(places, plane);
        }
    }

    private static boolean known(double[] sketch) {
        return sketch.length > 0 && Arrays.stream(sketch).allMatch(Double::isFinite);
    }

    /** From the first points to the last, so that time goes to the right. */
    private static double[][] drift(List<Place> places) {
        var first = places.stream()
                .flatMap(p -> Arrays.stream(p.sketches()))
                .filter(Trajectories::known)
                .findFirst()
                .orElseThrow();
        var last = Arrays.stream(places.get(places.size() - 1).sketches())
                .filter(Trajectories::known)
                .findFirst()
                .orElse(first);
        var along = IntStream.range(0, first.length)
                .mapToDouble(i -> last[i] - first[i])
                .toArray();
        return new double[][] {along, along};
    }

    private List<Stop> stops(List<Place> places, Plane on) {
        var made = new ArrayList<Stop>();
        var columns = history.columns();
        int c = 0;
        lowest = Double.POSITIVE_INFINITY;
        highest = Double.NEGATIVE_INFINITY;
        Stop before = null;
        for (var place : places) {
            while (c < columns.size() && columns.get(c).step() < place.step()) {
                c++;
            }
            boolean judged = c < columns.size() && columns.get(c).step() == place.step();
            int n = place.sketches().length;
            var x = new double[n];
            var y = new double[n];
            var rewards = judged ? columns.get(c).rewards() : new double[n];
            for (int slot = 0; slot < n; slot++) {
                var sketch = place.sketches()[slot];
                int parent = place.parents()[slot];
                boolean moved = known(sketch);
                x[slot] = moved ? on.at(0, sketch) : before == null ? Double.NaN : before.x()[parent];
                y[slot] = moved ? on.at(1, sketch) : before == null ? Double.NaN : before.y()[parent];
                if (!judged) {
                    rewards[slot] = before == null ? Double.NaN : before.rewards()[parent];
                }
                if (Double.isFinite(rewards[slot])) {
                    lowest = Math.min(lowest, rewards[slot]);
                    highest = Math.max(highest, rewards[slot]);
                }
            }
            before = new Stop(place.step(), place.parents(), x, y, rewards, new boolean[n]);
            made.add(before);
        }
        mark(made);
        return made;
    }

    private void mark(List<Stop> made) {
        var alive = history.inLastPlace();
        for (int s = made.size() - 1; s >= 0; s--) {
            var survives = made.get(s).survives();
            var parents = made.get(s).parents();
            for (int slot : alive) {
                survives[slot] = true;
            }
            alive = IntStream.range(0, survives.length)
                    .filter(slot -> survives[slot])
                    .map(slot -> parents[slot])
                    .toArray();
        }
    }

    /** In order of steps; empty where the record does not say where particles are. */
    public List<Stop> stops() {
        return stops;
    }

    /** The share of all spread that is seen, in [0, 1]: along, and across. */
    public double share(int axis) {
        return plane == null ? 0 : plane.shares()[axis];
    }

    /** The smallest reward of all stops; infinite if nothing was judged. */
    double lowest() {
        return lowest;
    }

    /** The largest. */
    double highest() {
        return highest;
    }

    /** The index of the last stop up to a step; -1 for none. */
    public int indexAt(int step) {
        int index = -1;
        while (index + 1 < stops.size() && stops.get(index + 1).step() <= step) {
            index++;
        }
        return index;
    }
}
