// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent.Outcome.Completed;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunManifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrontPlotTest {
    private static RunHistory ended(Map<String, double[]> parts) {
        var history = new RunHistory();
        history.on(new RunStarted(new RunManifest("x", 1, Map.of(), List.of(), Map.of(), "cpu"), 4, 4));
        history.on(new StepDone(3, new double[4], 4, 0, Cost.NONE));
        history.on(new Scored(3, new double[] {0, 0, 0, -1}, parts, new double[4], 4));
        history.on(new RunEnded(new Completed(), new int[] {2, 0, 1, 3}, 0, Cost.NONE));
        return history;
    }

    private static Map<String, double[]> parts(Object... namesAndValues) {
        var parts = new LinkedHashMap<String, double[]>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parts.put((String) namesAndValues[i], (double[]) namesAndValues[i + 1]);
        }
        return parts;
    }

    @Test
    void theFrontIsWhatNoneBeatsInBoth() {
        var plots = FrontPlot.of(ended(parts("a", new double[] {3, 1, 2, 1.5}, "b", new double[] {0, 5, 4, 4})));
        assertEquals(1, plots.size());
        assertEquals("a and b", plots.get(0).title());
        assertEquals(List.of(1, 2, 0), plots.get(0).front());
    }

    @Test
    void ofACombinationItsRewardsAreShownAndNotItself() {
        var plots = FrontPlot.of(ended(parts(
                "pareto(of=\"a; b\")",
                new double[] {0, 0, 0, -1},
                "pareto(of=\"a; b\"): a",
                new double[] {3, 1, 2, 1.5},
                "pareto(of=\"a; b\"): b",
                new double[] {0, 5, 4, 4},
                "c",
                new double[] {1, 2, 3, 4})));
        assertEquals(
                List.of("a and b", "a and c", "b and c"),
                plots.stream().map(FrontPlot::title).toList());
    }

    @Test
    void picturesWithoutAValueAreLeftOutAndEqualOnesAreBothInFront() {
        var plots = FrontPlot.of(ended(parts("a", new double[] {Double.NaN, 1, 1, 0}, "b", new double[] {9, 1, 1, 0})));
        assertEquals(List.of(2, 1), plots.get(0).front());
        assertEquals(List.of(), FrontPlot.of(ended(parts("a", new double[] {1, 2, 3, 4}))));
        assertEquals(List.of(), FrontPlot.of(new RunHistory()));
    }
}
