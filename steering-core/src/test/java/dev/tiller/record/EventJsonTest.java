// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.StepDone;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventJsonTest {
    private static RunEvent read(String line) {
        var bytes = ("xx" + line + "\n").getBytes(StandardCharsets.UTF_8);
        return EventJson.read(bytes, 2, bytes.length - 1);
    }

    @Test
    void theQuickWayReadsWhatTheSlowOneReads() {
        var quick = Set.of(Previewed.class, Located.class, StepDone.class, Scored.class);
        for (int seed = 0; seed < 50; seed++) {
            for (var event : RandomRun.of(seed)) {
                var line = EventJson.write(event);
                assertEquals(RecordJson.write(event), line);
                var read = read(line);
                assertEquals(quick.contains(event.getClass()), read != null, line);
                assertTrue(read == null || EventLogTest.same(event, read), line);
            }
        }
    }

    /** All of them are read, or refused with a sentence, by the slow one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"type\":\"Located\"}",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[1,null]]}",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[1.0]]}{}",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[1.0]],\"more\":1}",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[\"much\"]]}",
                "{\"type\":\"Located\",\"step\":0.5,\"sketches\":[]}",
                "{\"type\":\"Located\",\"sketches\":[],\"step\":0}",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[1.0]",
                "{\"step\":0,\"type\":\"Located\",\"sketches\":[]}",
                "{\"type\":\"Previewed\",\"step\":0,\"slot\":0,\"sha256\":\"ab\",\"stage\":\"DIRTY\"}",
                "{\"type\":\"Previewed\",\"step\":99999999999,\"slot\":0,\"sha256\":\"ab\",\"stage\":\"CLEAN\"}",
                "{\"type\":\"Scored\",\"step\":0,\"rewards\":[],\"parts\":{\"a\":[],\"a\":[]},\"logWeights\":[],\"ess\":1}",
                "{\"type\":\"Scored\",\"step\":0,\"rewards\":[],\"parts\":[],\"logWeights\":[],\"ess\":1}"
            })
    void whatIsUnusualIsLeftToTheSlowOne(String line) {
        assertNull(read(line));
    }
}
