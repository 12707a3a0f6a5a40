// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
    private final ModelConfig config = ModelConfig.of("x.json", """
            {"_class_name": "Net", "width": 8, "blocks": [1, 2], "act": "silu", "on": true, "none": null,
             "types": ["A", "B"], "low": -Infinity}
            """);

    private static String message(Runnable code) {
        return assertThrows(TillerException.class, code::run).getMessage();
    }

    @Test
    void givesValuesAndDefaults() {
        assertEquals(8, config.integer("width", 1));
        assertEquals(8.0, config.number("width", 1));
        assertEquals(1, config.integer("depth", 1));
        assertEquals(3, config.integer("none", 3));
        assertArrayEquals(new int[] {1, 2}, config.integers("blocks"));
        assertEquals(List.of("A", "B"), config.texts("types"));
        assertTrue(config.flag("on", false));
        config.only("low", Double.NEGATIVE_INFINITY);
        assertFalse(config.has("none"));
    }

    @Test
    void refusesWhatNobodyAskedFor() {
        config.inert("low", "none", "types");
        config.text("act", "");
        config.only("on", true);
        config.integers("blocks");
        assertTrue(message(config::refuseOthers).contains("width"));
        config.integer("width", 0);
        config.refuseOthers();
        assertTrue(message(config.fresh()::refuseOthers).contains("act, blocks"));
    }

    @Test
    void refusesOtherValuesByName() {
        config.only("act", "relu", "silu");
        config.only("absent", 1);
        assertTrue(message(() -> config.only("act", "relu")).contains("act = \"silu\" is not supported"));
        assertTrue(message(() -> config.integer("act", 0)).contains("whole number"));
        assertTrue(message(() -> config.texts("blocks")).contains("blocks"));
        // 2³² + 1 is not 1.
        var large = ModelConfig.of("x.json", "{\"n\": 4294967297, \"list\": [1, 4294967297]}");
        assertTrue(message(() -> large.integer("n", 0)).contains("whole number"));
        assertTrue(message(() -> large.integers("list")).contains("whole numbers"));
        assertTrue(message(() -> large.integersOrOne("n", 2, 0)).contains("whole numbers"));
        assertTrue(message(() -> config.with("on", false).only("on", true)).contains("on = false"));
        assertTrue(message(() -> config.only("blocks", "")).contains("blocks"));
    }

    @Test
    void refusesNumbersThatAreNone() {
        assertTrue(message(() -> config.number("low", 0)).contains("low must be a number, and not"));
        var betas = ModelConfig.of("x.json", "{\"betas\": [0.1, NaN]}");
        assertTrue(message(() -> betas.numbers("betas")).contains("betas must be a list of numbers"));
    }

    @Test
    void refusesWhatIsNoConfiguration() {
        assertTrue(message(() -> ModelConfig.of("x.json", "[]")).contains("not a JSON object"));
        assertTrue(message(() -> ModelConfig.of("x.json", "{")).contains("not valid JSON"));
        assertTrue(message(() -> ModelConfig.read(Path.of("nowhere.json"))).contains("nowhere.json"));
    }
}
