// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FkTraceParityTest {
    @Test
    void everyTraceOfTheReferenceIsExplained() {
        var report = Parity.run(List.of(Path.of("src/test/resources/golden/fk")));
        assertEquals(40, report.sections().size());
        assertTrue(report.passed(), report::table);
    }
}
