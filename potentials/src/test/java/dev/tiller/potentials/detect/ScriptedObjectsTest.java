// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.detect.ScriptedObjects.Pixels;
import dev.tiller.potentials.geneval.Box;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported by tools/detector/golden_torchscript.py: the box around what is red, and how red it is. */
class ScriptedObjectsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/torchscript");

    @TempDir
    Path temp;

    private Path labels;

    @BeforeEach
    void threeClasses() throws IOException {
        labels = Files.writeString(temp.resolve("labels.txt"), "__background__\nmouse\nN/A\n");
    }

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    private ScriptedObjects load(String name, int size, Pixels pixels) {
        return ScriptedObjects.load(GOLDEN.resolve(name), labels, size, pixels, false, Device.CPU);
    }

    /** Black but for a rectangle of a red; the edges are left, top, right and bottom. */
    private static RgbImage picture(int width, int height, int red, int... edges) {
        var rgb = new byte[3 * width * height];
        for (int y = edges[1]; y < edges[3]; y++) {
            for (int x = edges[0]; x < edges[2]; x++) {
                rgb[3 * (y * width + x)] = (byte) red;
            }
        }
        return new RgbImage(rgb, width, height);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tuple.pt", "list.pt"})
    void objectsAreWhereTheyAre(String name) {
        try (var objects = load(name, 0, Pixels.UNIT)) {
            assertEquals(List.of("computer mouse"), objects.classes());
            var found = FoundObject.detections(objects.find(picture(30, 20, 204, 10, 4, 16, 8)));
            assertEquals(1, found.size());
            assertEquals("computer mouse", found.get(0).type());
            assertEquals(0.8, found.get(0).score(), 1e-6);
            assertEquals(new Box(10, 4, 16, 8), found.get(0).box());
            assertEquals(List.of(), objects.find(picture(30, 20, 100, 10, 4, 16, 8)));
        }
    }

    /** The left half of a picture is the left half of what is seen, whatever the shape. */
    @Test
    void boxesAreInThePicturesPixels() {
        try (var objects = load("tuple.pt", 40, Pixels.UNIT)) {
            var box = objects.find(picture(60, 20, 255, 0, 0, 30, 20))
                    .get(0)
                    .detection()
                    .box();
            assertEquals(new Box(0, 0, 30, 20), box);
        }
    }

    private ScriptedObjects withMasks(String name, int size) {
        return ScriptedObjects.load(GOLDEN.resolve(name), labels, size, Pixels.UNIT, true, Device.CPU);
    }

    /** In a float for each pixel, or true and false; list.pt's are how red a pixel is. */
    @ParameterizedTest
    @CsvSource({"list.pt, 0", "masks.pt, 0", "list.pt, 40", "masks.pt, 40"})
    void masksAreInThePicturesPixels(String name, int size) {
        try (var objects = withMasks(name, size)) {
            var mask = objects.find(picture(60, 20, 255, 0, 0, 30, 10)).get(0).mask();
            for (int i = 0; i < 60 * 20; i++) {
                assertEquals(i % 60 < 30 && i < 600, mask != null && mask[i], "pixel " + i);
            }
        }
        try (var objects = load(name.replace("masks", "tuple"), size, Pixels.UNIT)) {
            assertNull(objects.find(picture(60, 20, 255, 0, 0, 30, 10)).get(0).mask());
        }
    }

    @Test
    void masksThatAreWrongOrMissingAreRefused() {
        try (var none = withMasks("tuple.pt", 0);
                var list = withMasks("list.pt", 0);
                var small = withMasks("masks.pt", 0);
                var unasked = load("masks.pt", 0, Pixels.UNIT)) {
            var red = picture(20, 20, 255, 0, 0, 20, 20);
            var e = assertThrows(TillerException.class, () -> none.find(red));
            assertTrue(e.getMessage().contains("boxes, scores, labels and masks"), e.getMessage());
            // It finds nothing, and has a mask all the same.
            e = assertThrows(TillerException.class, () -> list.find(picture(20, 20, 0, 0, 0, 20, 20)));
            assertTrue(e.getMessage().contains("0×20×20 masks"), e.getMessage());
            e = assertThrows(TillerException.class, () -> small.find(picture(20, 1, 255, 0, 0, 20, 1)));
            assertTrue(e.getMessage().contains("1×1×20 masks"), e.getMessage());
            e = assertThrows(TillerException.class, () -> unasked.find(red));
            assertTrue(e.getMessage().contains("boxes, scores and labels"), e.getMessage());
        }
    }

    /** 178 is above a half only from 0 to 1; 230 from -1 to 1 as well, where it is 0.8; on ImageNet's scale it is 1.8. */
    @Test
    void pixelsAreAsAskedFor() {
        var faint = picture(20, 20, 178, 0, 0, 20, 20);
        var bright = picture(20, 20, 230, 0, 0, 20, 20);
        try (var unit = load("tuple.pt", 0, Pixels.UNIT);
                var signed = load("tuple.pt", 0, Pixels.SIGNED);
                var imagenet = load("tuple.pt", 0, Pixels.IMAGENET)) {
            assertEquals(178 / 255.0, unit.find(faint).get(0).detection().score(), 1e-6);
            assertEquals(List.of(), signed.find(faint));
            assertEquals(230 / 127.5 - 1, signed.find(bright).get(0).detection().score(), 1e-6);
            var e = assertThrows(TillerException.class, () -> imagenet.find(bright));
            assertTrue(e.getMessage().contains("a score of 1.82"), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, has a box that is not finite",
        "2, a score of 2.0",
        "3, has the label 99",
        "4, should have 1×4 boxes",
        "5, should have 1 labels in int64",
        "6, 'none of float32, float64, int64 and bool'",
        "7, seven rows",
        "8, should have 2×4 boxes",
        "9, a score of NaN"
    })
    void anAnswerThatIsWrongIsRefused(int height, String why) {
        try (var objects = load("tuple.pt", 0, Pixels.UNIT)) {
            var e = assertThrows(TillerException.class, () -> objects.find(picture(20, height, 255, 0, 0, 20, height)));
            assertTrue(e.getMessage().contains(why) && e.getMessage().endsWith("."), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
    }

    @Test
    void anotherFileIsRefused() throws IOException {
        var bytes = Files.readAllBytes(GOLDEN.resolve("tuple.pt"));
        var torn = Files.write(temp.resolve("torn.pt"), Arrays.copyOf(bytes, bytes.length / 2));
        var text = Files.writeString(temp.resolve("text.pt"), "no program");
        var empty = Files.write(temp.resolve("empty.pt"), new byte[0]);
        for (var file : List.of(torn, text, empty, temp.resolve("missing.pt"), temp)) {
            var e = assertThrows(
                    TillerException.class, () -> ScriptedObjects.load(file, labels, 0, Pixels.UNIT, false, Device.CPU));
            assertTrue(e.getMessage().contains("TorchScript") && !e.getMessage().contains("\n"), e.getMessage());
        }
        for (var wrong : List.of("", "\n", "dog\n\ncat\n")) {
            var names = Files.writeString(temp.resolve("wrong.txt"), wrong);
            assertThrows(
                    TillerException.class,
                    () -> ScriptedObjects.load(GOLDEN.resolve("tuple.pt"), names, 0, Pixels.UNIT, false, Device.CPU));
        }
    }
}
