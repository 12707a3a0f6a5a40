// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.TillerException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngTest {
    /** Smooth, noisy and flat, so that every filter is the best one somewhere. */
    private static Picture picture(int width, int height, long seed) {
        var random = new Random(seed);
        var rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            int y = i / 3 / width;
            rgb[i] = (byte) (y % 8 < 3 ? random.nextInt(256) : y % 8 < 6 ? 3 * x + 5 * y : 200);
        }
        return new Picture(width, height, rgb);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "64,64", "7,13", "255,3"})
    void anIndependentReaderSeesTheSamePixels(int width, int height) {
        var picture = picture(width, height, 5);
        var read = Png.decode(Png.encode(picture, Map.of("parameters", "x")));
        assertEquals(width, read.width());
        assertEquals(height, read.height());
        assertArrayEquals(picture.rgb(), read.rgb());
    }

    /** Java takes grey levels for linear light, and would make 188 of 128; every other reader leaves them alone. */
    @Test
    void greyLevelsStayWhatTheyAre() throws IOException {
        int[] levels = {0, 10, 64, 128, 200, 255};
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
            var grey = new BufferedImage(levels.length, 1, type);
            for (int x = 0; x < levels.length; x++) {
                grey.getRaster().setSample(x, 0, 0, levels[x] * (type == BufferedImage.TYPE_BYTE_GRAY ? 1 : 257));
            }
            assertArrayEquals(levels, reds(Png.decode(file(grey, "png"))));
        }
        var flat = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 64; i++) {
            flat.getRaster().setSample(i % 8, i / 8, 0, 128);
        }
        assertEquals(128, reds(Png.decode(file(flat, "jpeg")))[9], 1);
    }

    /** A file of some dozens of bytes whose head says 40,000 by 50,000 pixels. */
    @Test
    void aPictureThatSaysItIsEnormousIsRefusedUnread() {
        var png = Png.encode(picture(2, 2, 1), Map.of());
        var header = ByteBuffer.wrap(png).putInt(16, 40_000).putInt(20, 50_000);
        var crc = new CRC32();
        crc.update(png, 12, 17);
        header.putInt(29, (int) crc.getValue());
        var e = assertThrows(CorruptRecordException.class, () -> Png.decode(png));
        assertTrue(e.getMessage().contains("larger"), e.getMessage());
    }

    private static byte[] file(BufferedImage image, String format) throws IOException {
        var out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, out));
        return out.toByteArray();
    }

    private static int[] reds(Picture picture) {
        return IntStream.range(0, picture.width() * picture.height())
                .map(i -> picture.rgb()[3 * i] & 0xFF)
                .toArray();
    }

    @Test
    void theSameGivesTheSameBytes() {
        assertArrayEquals(Png.encode(picture(33, 20, 1), Map.of()), Png.encode(picture(33, 20, 1), Map.of()));
        assertFalse(Arrays.equals(Png.encode(picture(33, 20, 1), Map.of()), Png.encode(picture(33, 20, 2), Map.of())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "plain", "naïve café\nsecond line", "雪と猫 \uD83D\uDC31\u200D", "tab\tand\rreturn", "\u0085"})
    void textsComeBack(String text) {
        var texts = new LinkedHashMap<String, String>();
        texts.put("parameters", text);
        texts.put("tiller", "{\"p\":\"" + text.length() + "\"}");
        var png = Png.encode(picture(4, 4, 1), texts);
        assertEquals(texts, Png.texts(png));
        boolean latin = text.matches("[\\n\\x20-\\x7E\\xA1-\\xFF]*");
        assertEquals(latin, !new String(png, StandardCharsets.ISO_8859_1).contains("iTXt"));
    }

    @Test
    void aDamagedFileIsRefused() {
        var png = Png.encode(picture(16, 16, 1), Map.of("parameters", "x"));
        var random = new Random(3);
        for (int length = 0; length < png.length; length++) {
            var cut = Arrays.copyOf(png, length);
            assertThrows(CorruptRecordException.class, () -> Png.texts(cut));
        }
        for (int i = 0; i < 500; i++) {
            var flipped = png.clone();
            flipped[random.nextInt(png.length)] ^= (byte) (1 << random.nextInt(8));
            assertThrows(CorruptRecordException.class, () -> Png.texts(flipped));
            try {
                Png.decode(flipped);
            } catch (TillerException expected) {
                assertTrue(expected.getMessage().contains("picture"));
            }
        }
        assertThrows(CorruptRecordException.class, () -> Png.decode("hello".getBytes(StandardCharsets.UTF_8)));
        assertThrows(IllegalArgumentException.class, () -> Png.encode(picture(1, 1, 1), Map.of("", "x")));
    }

    @Test
    void theWebUisTextIsWrittenAndRead() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("Steps", "50");
        settings.put("Sampler", "DDIM");
        settings.put("CFG scale", "7.5");
        settings.put("Seed", "7");
        settings.put("Size", "64x64");
        settings.put("Model hash", "0123456789");
        settings.put("Model", "scenes");
        settings.put("Tiller reward", "0.7*clip, \"x\": y");
        var parameters = new GenerationParameters("a red circle\nand a cat", "blurry, low: quality", settings);
        assertEquals(
                "a red circle\nand a cat\nNegative prompt: blurry, low: quality\n"
                        + "Steps: 50, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 64x64, Model hash: 0123456789, "
                        + "Model: scenes, Tiller reward: \"0.7*clip, \\\"x\\\": y\"",
                parameters.toText());
        assertEquals(parameters, GenerationParameters.parse(parameters.toText()));
        var without = new GenerationParameters("a: 1, b: 2", "", settings);
        assertEquals(without, GenerationParameters.parse(without.toText()));
    }

    /** A picture of a stranger may hold megabytes; read from each place to the next colon, two of them take a day. */
    @Test
    void aLongTextIsReadInOneGo() {
        for (var longer : List.of("a".repeat(2 << 20), " ".repeat(2 << 20), "a:\"\\".repeat(1 << 19))) {
            assertTimeoutPreemptively(
                    Duration.ofMinutes(1),
                    () -> assertEquals(
                            longer,
                            GenerationParameters.parse("first\n" + longer)
                                    .prompt()
                                    .substring(6)));
        }
    }

    @Test
    void foreignTextsNeverFail() {
        assertEquals(new GenerationParameters("", "", Map.of()), GenerationParameters.parse(""));
        assertEquals(new GenerationParameters("a: 1, b: 2", "", Map.of()), GenerationParameters.parse("a: 1, b: 2"));
        var random = new Random(8);
        for (int i = 0; i < 2000; i++) {
            var text = new StringBuilder();
            for (int j = random.nextInt(60); j > 0; j--) {
                text.append("ab:, \"\\\nSteps".charAt(random.nextInt(13)));
            }
            GenerationParameters.parse(text.toString());
        }
        GenerationParameters.parse("a: \"" + "\\".repeat(100_000));
    }

    @Test
    void aPictureKnowsItsRecipe() {
        var manifest = ((RunStarted) RandomRun.of(2).get(0)).manifest();
        var recipe = Recipe.of(manifest, 3, 1, Double.NaN, Map.of("clip", 12.25));
        var png = Png.encode(picture(8, 8, 1), Map.of(Recipe.KEYWORD, recipe.toJson()));
        assertTrue(EventLogTest.same(recipe, Recipe.in(png).orElseThrow()));
        assertEquals(Optional.empty(), Recipe.in(Png.encode(picture(8, 8, 1), Map.of())));
        var broken = Png.encode(picture(8, 8, 1), Map.of(Recipe.KEYWORD, "{\"format\":1"));
        assertThrows(CorruptRecordException.class, () -> Recipe.in(broken));
        var newer = Png.encode(
                picture(8, 8, 1), Map.of(Recipe.KEYWORD, recipe.toJson().replace("\"version\":1", "\"version\":2")));
        assertTrue(assertThrows(TillerException.class, () -> Recipe.in(newer))
                .getMessage()
                .contains("version 2"));
    }

    @Test
    void aContactSheetHoldsEveryPictureWithItsCaption() {
        var red = new Picture(64, 64, filled(64 * 64, 255, 0, 0));
        var sheet = ContactSheet.draw(
                List.of(
                        new ContactSheet.Entry(red, "#1 12.34"),
                        new ContactSheet.Entry(red, "#2 -0.5"),
                        new ContactSheet.Entry(red, "")),
                2);
        long reds = 0;
        long inks = 0;
        for (int i = 0; i < sheet.rgb().length; i += 3) {
            reds += sheet.rgb()[i] == (byte) 255 && sheet.rgb()[i + 1] == 0 ? 1 : 0;
            inks += sheet.rgb()[i] == 40 ? 1 : 0;
        }
        assertEquals(3 * 192 * 192, reds);
        assertTrue(inks > 60 && inks < 400, "pixels of ink: " + inks);
        assertEquals(2 * (192 + 8) + 8, sheet.width());
        var other = new Picture(2, 2, filled(4, 0, 0, 0));
        var mixed = List.of(new ContactSheet.Entry(red, ""), new ContactSheet.Entry(other, ""));
        assertThrows(IllegalArgumentException.class, () -> ContactSheet.draw(mixed, 2));
    }

    @Test
    void reducingIsTheMean() {
        var picture =
                new Picture(2, 2, new byte[] {0, 0, 0, 10, 10, 10, 20, 20, 20, (byte) 250, (byte) 250, (byte) 250});
        assertArrayEquals(new byte[] {70, 70, 70}, picture.reduced(2).rgb());
        assertArrayEquals(picture.rgb(), picture.enlarged(3).reduced(3).rgb());
    }

    private static byte[] filled(int pixels, int... rgb) {
        var bytes = new byte[3 * pixels];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) rgb[i % 3];
        }
        return bytes;
    }
}
