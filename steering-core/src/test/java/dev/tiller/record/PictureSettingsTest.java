// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureSettingsTest {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final Picture GREY = new Picture(4, 4, new byte[48]);

    private static byte[] chunk(String type, byte[] body) {
        var crc = new CRC32();
        crc.update(type.getBytes(StandardCharsets.US_ASCII));
        crc.update(body);
        return ByteBuffer.allocate(12 + body.length)
                .putInt(body.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .putInt((int) crc.getValue())
                .array();
    }

    private static byte[] png(byte[]... chunks) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        for (var chunk : chunks) {
            out.writeBytes(chunk);
        }
        return out.toByteArray();
    }

    /** So many zeros, compressed to about a thousandth. */
    private static byte[] bomb(String keyword, int zeros) {
        var out = new ByteArrayOutputStream();
        out.writeBytes((keyword + "\0\0").getBytes(StandardCharsets.US_ASCII));
        try (var deflater = new DeflaterOutputStream(out)) {
            for (int i = 0; i < zeros >> 16; i++) {
                deflater.write(new byte[1 << 16]);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return chunk("zTXt", out.toByteArray());
    }

    private static void refused(byte[] png, String words) {
        var e = assertThrows(CorruptRecordException.class, () -> PictureSettings.in(png));
        assertTrue(e.getMessage().contains(words) && e.getMessage().endsWith("."), e.getMessage());
        assertTrue(e.getMessage().length() < 200, e.getMessage());
    }

    @Test
    void oursComeBackAsTheyWereGiven() {
        var plan = new LinkedHashMap<String, Object>();
        plan.put("prompt", "a heart");
        plan.put("steps", 20);
        plan.put("lambda", 2.5);
        plan.put("baseline", true);
        var recipe = Recipe.of(
                new RunManifest("a heart", 3, plan, List.of(), Map.of(), "cpu"), 0, 1, 12.5, Map.of("clip", 12.5));
        var read = PictureSettings.in(Png.encode(
                GREY, Map.of(Recipe.KEYWORD, recipe.toJson(), GenerationParameters.KEYWORD, "something else")));
        assertEquals(Map.of("prompt", "a heart", "steps", "20", "lambda", "2.5", "baseline", "true"), read.settings());
        assertEquals(Map.of(), read.others());
    }

    @Test
    void theWebUisAreTranslatedAndTheRestIsKept() {
        var text = "a (cat:1.2), 8k\n"
                + "second line\n"
                + "Negative prompt: blurry, low quality\n"
                + "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1234567890, Size: 512x768,"
                + " Model hash: 6ce0161689, Model: v1-5-pruned, Clip skip: 2, Lora hashes: \"a: 1, b: 2\", Version:"
                + " v1.9.4";
        var read = PictureSettings.in(Png.encode(GREY, Map.of("parameters", text)));
        assertEquals(
                Map.of(
                        "prompt", "a (cat:1.2), 8k\nsecond line",
                        "negative", "blurry, low quality",
                        "steps", "28",
                        "scheduler", "dpmpp-2m-karras",
                        "guidance", "6.5",
                        "seed", "1234567890",
                        "width", "512",
                        "height", "768",
                        "model", "v1-5-pruned"),
                read.settings());
        assertEquals(
                List.of("Model hash", "Clip skip", "Lora hashes", "Version"),
                List.copyOf(read.others().keySet()));
    }

    @ParameterizedTest
    @CsvSource({
        "Euler a, '', euler-a",
        "DDIM, '', ddim",
        "DPM++ 2M SDE Karras, '', dpmpp-2m-sde-karras",
        "Euler, Automatic, euler",
        "Euler, Karras, euler-karras",
        "LCM, '', lcm",
        "Euler, Exponential, ",
        "Restart, '', "
    })
    void samplersHaveOurNamesOrStayUnknown(String sampler, String type, String scheduler) {
        var text = "x\nSteps: 3, Sampler: " + sampler + (type.isEmpty() ? "" : ", Schedule type: " + type)
                + ", Seed: 1, Size: 8x8";
        var read = PictureSettings.in(Png.encode(GREY, Map.of("parameters", text)));
        assertEquals(scheduler, read.settings().get("scheduler"));
        assertEquals(scheduler == null, read.others().containsKey("Sampler"));
    }

    @Test
    void hostileFilesEndInOneSentence() {
        var header = chunk("IHDR", new byte[13]);
        var end = chunk("IEND", new byte[0]);
        var text = chunk("tEXt", "parameters\0x".getBytes(StandardCharsets.US_ASCII));
        assertEquals("x", PictureSettings.in(png(header, text, end)).settings().get("prompt"), "the control is read");
        refused(png(header, text), "cut short");
        refused(new byte[0], "cut short");
        refused("GIF89a, and more of it".getBytes(StandardCharsets.US_ASCII), "does not begin");
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 30, 5}) {
            var huge = text.clone();
            ByteBuffer.wrap(huge).putInt(0, length);
            var file = png(header, huge, end);
            assertThrows(CorruptRecordException.class, () -> PictureSettings.in(file), "length " + length);
        }
        var badSum = text.clone();
        badSum[badSum.length - 1] ^= 1;
        refused(png(header, badSum, end), "checksum");
        refused(png(header, bomb("parameters", 64 << 20), end), "longer");
        // None of these is too long, all together are; the keywords differ, or are one and the same.
        var many = new byte[40][];
        for (int i = 0; i < many.length; i++) {
            many[i] = bomb("k" + i % 20, 1 << 20);
        }
        refused(png(many), "longer");
        refused(
                png(header, chunk("zTXt", "parameters\0\0no zlib".getBytes(StandardCharsets.US_ASCII)), end),
                "compressed");
        refused(
                png(header, chunk("tEXt", "no end of the keyword".getBytes(StandardCharsets.US_ASCII)), end),
                "cut short");
        refused(png(header, chunk("iTXt", new byte[] {'a', 0}), end), "cut short");
        var deep = "{\"format\":" + "[".repeat(100_000);
        refused(Png.encode(GREY, Map.of(Recipe.KEYWORD, deep)), "recipe");
        refused(Png.encode(GREY, Map.of(Recipe.KEYWORD, "{\"format\":\"tiller-picture\",\"version\":1}")), "recipe");
    }

    @Test
    void aPictureThatSaysNothingIsExplained(@TempDir Path temp) throws IOException {
        var file = Files.write(temp.resolve("plain.png"), Png.encode(GREY, Map.of("Comment", "hello")));
        var e = assertThrows(TillerException.class, () -> PictureSettings.read(file));
        assertTrue(e.getMessage().contains("does not say how it was made"), e.getMessage());
        assertThrows(TillerException.class, () -> PictureSettings.read(temp.resolve("none.png")));
        assertThrows(TillerException.class, () -> PictureSettings.read(temp));
        var broken = Files.write(temp.resolve("broken.png"), new byte[] {1, 2, 3});
        var said = assertThrows(CorruptRecordException.class, () -> PictureSettings.read(broken));
        assertTrue(said.getMessage().contains("broken.png"), said.getMessage());
        try (var large = new java.io.RandomAccessFile(temp.resolve("large.png").toFile(), "rw")) {
            large.setLength(65L << 20);
        }
        assertThrows(TillerException.class, () -> PictureSettings.read(temp.resolve("large.png")));
    }
}
