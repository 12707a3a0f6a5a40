// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.gallery.MadeRuns;
import dev.tiller.record.RunMarks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GalleryCommandTest {
    @TempDir
    Path temp;

    @Test
    void runsAreListedFoundAndToldAsJson() throws IOException {
        MadeRuns.completed(temp.resolve("one"), MadeRuns.manifest("a red heart", "fk", 1), 27.5);
        var two = MadeRuns.killed(temp.resolve("two"), MadeRuns.manifest("a moon", "reno", 2));
        RunMarks.of(true, "").write(two);
        var all = tiller("gallery", temp.toString()).succeeds();
        assertEquals(2, all.out().lines().count(), all.out());
        var heart = tiller("gallery", temp.toString(), "--search", "HEART")
                .succeeds()
                .out();
        assertTrue(
                heart.contains("a red heart")
                        && heart.contains("27.5000")
                        && heart.lines().count() == 1,
                heart);
        var starred = JsonMapper.builder()
                .build()
                .readTree(tiller("gallery", temp.toString(), "--starred", "--json")
                        .succeeds()
                        .out());
        assertEquals(1, starred.size());
        assertEquals(two.toString(), starred.get(0).get("folder").asText());
        assertEquals("unfinished", starred.get(0).get("state").asText());
        assertEquals(2.5, starred.get(0).get("best").asDouble());
        var none = tiller("gallery", temp.toString(), "--search", "cat").succeeds();
        assertTrue(none.out().isEmpty() && none.err().contains("No such run"), none.err());
        tiller("gallery", temp.resolve("none").toString()).fails(1, "none");
    }

    @Test
    void theIndexIsKeptAmongTheCaches() {
        assertEquals(
                temp.resolve("tiller/gallery.db"), GalleryCommand.index(Map.of("XDG_CACHE_HOME", temp.toString())));
        assertEquals(GalleryCommand.index(Map.of()), GalleryCommand.index(Map.of("XDG_CACHE_HOME", "")));
    }
}
