// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunEvent;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class SteerAPictureTest {
    @Test
    void makesAPictureAndTellsWhatHappens() {
        var events = new ArrayList<RunEvent>();
        var picture = SteerAPicture.run("a photo of a red circle", 2, 6, events::add);
        assertEquals(64, picture.getWidth());
        assertTrue(events.get(0) instanceof RunEvent.RunStarted);
        assertTrue(events.get(events.size() - 1) instanceof RunEvent.RunEnded);
        assertEquals(
                6, events.stream().filter(e -> e instanceof RunEvent.StepDone).count());
        assertTrue(events.stream().anyMatch(e -> e instanceof RunEvent.Scored));
        assertEquals(0, Tensor.alive());
    }
}
