// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.run.RunEvent;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.RunExport.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.metadata.IIOMetadataNode;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

class RunExportTest {
    @TempDir
    Path folder;

    private final SyntheticRun run = new SyntheticRun("fk", "clip", 8, 50, 32, 3);
    private final RunHistory history = new RunHistory();
    private RunExport export;

    @BeforeEach
    void make() {
        run.run(history);
        export = new RunExport(history, run, Palette.LIGHT);
    }

    private Path write(Subject subject, String name, int particle) {
        var file = folder.resolve(name);
        export.write(subject, file, 100, particle);
        return file;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsSaid() throws Exception {
        // /dev/full takes nothing, as a full disk.
        Files.createSymbolicLink(folder.resolve(".draft-curves.csv"), Path.of("/dev/full"));
        var e = assertThrows(TillerException.class, () -> write(Subject.CURVES, "curves.csv", -1));
        assertTrue(e.getMessage().contains("the disk is full"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("curves.csv")));
    }

    @Test
    void anSvgIsAPictureOfItsOwn() throws Exception {
        for (var subject : new Subject[] {Subject.CURVES, Subject.LINEAGE, Subject.TRAJECTORIES}) {
            var file = write(subject, subject + ".svg", -1);
            var svg = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(Files.newInputStream(file)));
            assertEquals("svg", svg.getDocumentElement().getTagName());
            // 5 judgings of 8 particles.
            assertEquals(
                    subject == Subject.LINEAGE ? 40 : 0,
                    svg.getElementsByTagName("image").getLength());
            assertFalse(Files.readString(file).contains("href=\"http"));
        }
    }

    @Test
    void aPngHasColourInIt() throws Exception {
        for (var subject : new Subject[] {Subject.CURVES, Subject.LINEAGE, Subject.TRAJECTORIES}) {
            var image = ImageIO.read(write(subject, subject + ".png", -1).toFile());
            var colours = Arrays.stream(
                            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                    .distinct()
                    .count();
            assertTrue(image.getWidth() >= 320 && colours > 50, subject + ": " + colours);
        }
    }

    @Test
    void theTableHasEveryNumber() throws Exception {
        var lines = Files.readAllLines(write(Subject.CURVES, "curves.csv", -1));
        assertEquals("step,particle,quantity,value", lines.get(0));
        assertEquals(40, lines.stream().filter(l -> l.contains(",reward,")).count());
        assertEquals(
                50,
                lines.stream().filter(l -> l.contains(",,effective particles,")).count());
        var column = history.columns().get(2);
        assertTrue(lines.contains((column.step() + 1) + ",4,reward," + column.rewards()[3]));
        assertEquals(
                5, lines.stream().filter(l -> l.contains(",unique ancestors,")).count());
    }

    @Test
    void theTableOfWaysHasEveryParticleAndStep() throws Exception {
        var lines = Files.readAllLines(write(Subject.TRAJECTORIES, "ways.csv", -1));
        assertEquals("step,particle,parent,x,y,reward", lines.get(0));
        assertEquals(1 + 8 * 50, lines.size());
        var stop = Trajectories.of(history).stops().get(49);
        assertEquals(
                "50,8," + (stop.parents()[7] + 1) + "," + stop.x()[7] + "," + stop.y()[7] + "," + stop.rewards()[7],
                lines.get(400));
        assertTrue(lines.get(1).endsWith(","), "no reward before the first judging: " + lines.get(1));
    }

    @Test
    void aRecordWithoutPlacesSaysSo() {
        var old = new RunHistory();
        run.run(event -> {
            if (!(event instanceof RunEvent.Located)) {
                old.on(event);
            }
        });
        var error = assertThrows(
                TillerException.class,
                () -> new RunExport(old, run, Palette.LIGHT)
                        .write(Subject.TRAJECTORIES, folder.resolve("ways.svg"), 100, -1));
        assertTrue(error.getMessage().contains("Run it again"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"FILM, -1", "FILM, 3", "LINEAGE, -1", "TRAJECTORIES, -1"})
    void anAnimationHasAFrameForEachJudging(Subject subject, int particle) throws Exception {
        var file = write(subject, "film.gif", particle);
        var reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            assertEquals(5, reader.getNumImages(true));
            var first = reader.read(0);
            var last = reader.read(4);
            assertFalse(
                    Arrays.equals(
                            first.getRGB(0, 0, first.getWidth(), first.getHeight(), null, 0, first.getWidth()),
                            last.getRGB(0, 0, last.getWidth(), last.getHeight(), null, 0, last.getWidth())),
                    "something moves");
            var metadata = reader.getImageMetadata(0);
            var tree = (IIOMetadataNode) metadata.getAsTree(metadata.getNativeMetadataFormatName());
            var control = (IIOMetadataNode)
                    tree.getElementsByTagName("GraphicControlExtension").item(0);
            assertEquals("10", control.getAttribute("delayTime"));
            assertEquals(1, tree.getElementsByTagName("ApplicationExtension").getLength(), "it is played again");
        } finally {
            reader.dispose();
        }
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        var wrong = assertThrows(TillerException.class, () -> write(Subject.FILM, "film.mp4", -1));
        assertTrue(wrong.getMessage().contains(".gif"), wrong.getMessage());
        var nowhere = assertThrows(TillerException.class, () -> write(Subject.CURVES, "no/such/curves.svg", -1));
        assertTrue(nowhere.getMessage().startsWith("Cannot write"), nowhere.getMessage());
        assertThrows(TillerException.class, () -> write(Subject.FILM, "film.gif", 8));
        var nothing = new RunExport(new RunHistory(), run, Palette.LIGHT);
        assertThrows(TillerException.class, () -> nothing.write(Subject.CURVES, folder.resolve("a.svg"), 100, -1));
    }

    /** The run ends with two particles, both of the second of the four that were judged last. */
    @Test
    void aParticleOfTheEndIsShownByItsOwnDescent() throws Exception {
        var picture = Png.encode(new Picture(8, 8, new byte[3 * 64]), Map.of());
        var asked = new HashSet<String>();
        var families = RunHistoryTest.families();
        var film = new RunExport(
                families,
                sha -> {
                    asked.add(sha);
                    return Optional.of(picture);
                },
                Palette.LIGHT);
        film.write(Subject.FILM, folder.resolve("film.gif"), 100, 0);
        assertEquals(Set.of(families.finalPicture(0).orElseThrow()), asked);
        assertThrows(TillerException.class, () -> film.write(Subject.FILM, folder.resolve("none.gif"), 100, 2));
    }
}
