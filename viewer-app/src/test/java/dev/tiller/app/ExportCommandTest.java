// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tiller export}, of a run that was made. */
class ExportCommandTest {
    @TempDir
    static Path runs;

    @TempDir
    Path temp;

    @BeforeAll
    static void make() {
        Told.quick("a red circle", "--out", runs.resolve("run"), "--resample-from", "2", "--resample-every", "1")
                .succeeds();
    }

    private String run(String... below) {
        return Path.of(runs.resolve("run").toString(), below).toString();
    }

    private String at(String name) {
        return temp.resolve(name).toString();
    }

    private String begin(String name) throws IOException {
        var bytes = Files.readAllBytes(temp.resolve(name));
        return new String(bytes, 0, Math.min(6, bytes.length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void everySubjectIsWrittenInItsFormats() throws IOException {
        tiller("export", run(), "--curves", at("c.svg"), "--lineage", at("l.svg"), "--trajectories", at("t.svg"))
                .succeeds();
        tiller("export", run(), "--curves", at("c.png"), "--lineage", at("l.png"), "--trajectories", at("t.png"))
                .succeeds();
        tiller("export", run(), "--curves", at("c.csv"), "--trajectories", at("t.csv"))
                .succeeds();
        tiller("export", run(), "--film", at("f.gif"), "--lineage", at("l.gif"), "--trajectories", at("t.gif"))
                .succeeds();
        for (var name : new String[] {"c.svg", "l.svg", "t.svg"}) {
            assertTrue(Files.readString(temp.resolve(name)).contains("</svg>"), name);
        }
        for (var name : new String[] {"c.png", "l.png", "t.png"}) {
            assertTrue(ImageIO.read(temp.resolve(name).toFile()).getWidth() > 300, name);
        }
        for (var name : new String[] {"f.gif", "l.gif", "t.gif"}) {
            assertEquals("GIF89a", begin(name));
        }
        // Two particles at three judged steps, each with its reward.
        assertEquals(
                3 * 2,
                Files.readAllLines(temp.resolve("c.csv")).stream()
                        .filter(line -> line.matches("\\d+,\\d+,reward,.*"))
                        .count());
    }

    @Test
    void aParticleHasAFilmOfItsOwnAndFilesAreListed() throws IOException {
        tiller("export", run(), "--film", at("all.gif")).succeeds();
        var told = tiller("export", run("events.jsonl"), "--film", at("one.gif"), "--particle", "2", "--json")
                .succeeds();
        assertEquals(
                at("one.gif"), new ObjectMapper().readTree(told.out()).get(0).asText());
        assertFalse(Arrays.equals(
                Files.readAllBytes(temp.resolve("all.gif")), Files.readAllBytes(temp.resolve("one.gif"))));
        tiller("export", run(), "--film", at("again.gif"), "--particle", "2").succeeds();
        assertArrayEquals(Files.readAllBytes(temp.resolve("one.gif")), Files.readAllBytes(temp.resolve("again.gif")));
        tiller("export", run(), "--film", at("one.gif"), "--particle", "3").fails(1, "there is no particle 3");
        assertArrayEquals(
                Files.readAllBytes(temp.resolve("again.gif")),
                Files.readAllBytes(temp.resolve("one.gif")),
                "what was there stays");
    }

    @Test
    void aDarkGroundIsDark() throws IOException {
        tiller("export", run(), "--curves", at("light.png")).succeeds();
        tiller("export", run(), "--curves", at("dark.png"), "--dark").succeeds();
        int light = ImageIO.read(temp.resolve("light.png").toFile()).getRGB(0, 0) & 0xFF;
        int dark = ImageIO.read(temp.resolve("dark.png").toFile()).getRGB(0, 0) & 0xFF;
        assertTrue(light > 200 && dark < 60, light + " " + dark);
    }

    @Test
    void whatCannotBeIsSaid() {
        tiller("export", run()).fails(1, "Say what to export");
        tiller("export", run(), "--curves", at("c.gif")).fails(1, "should end in .svg, .png, .csv");
        tiller("export", run(), "--film", at("f.svg")).fails(1, "should end in .gif");
        tiller("export", run(), "--film", at("f.gif"), "--delay", "5").fails(1, "--delay is from 20");
        tiller("export", at("none"), "--film", at("f.gif")).fails(1, "There is no run in");
        tiller("export", run(), "--film", at("no/such/f.gif")).fails(1, "its folder is not there");
        assertFalse(Files.exists(temp.resolve("f.gif")));
    }
}
