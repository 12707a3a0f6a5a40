// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFileTest {
    private static final Path SAVED = Path.of("src", "test", "resources", "torch");

    @TempDir
    Path folder;

    // -- what torch.save of PyTorch 2.13 wrote

    @Test
    void aStateDictIsReadAsItWasSaved() {
        var file = TorchFile.open(SAVED.resolve("state.pt"));
        assertEquals(
                Set.of("a", "half", "bf", "row", "ids", "flag", "scalar", "empty"),
                file.entries().keySet());
        assertArrayEquals(new long[] {3, 4}, file.entry("a").shape());
        for (int i = 0; i < 12; i++) {
            assertEquals(i, file.doubles("a")[i]);
            assertEquals(i / 2.0, file.doubles("half")[i]);
            assertEquals(i / 4.0, file.doubles("bf")[i]);
        }
        assertArrayEquals(new double[] {4, 5, 6, 7}, file.doubles("row"));
        assertArrayEquals(new long[] {1, -2, 1L << 40}, file.longs("ids"));
        assertArrayEquals(new long[] {1, 0}, file.longs("flag"));
        assertArrayEquals(new double[] {2.5}, file.doubles("scalar"));
        assertEquals(0, file.doubles("empty").length);
    }

    @Test
    void ofATrainingCheckpointTheModelIsRead() {
        var weights = WeightFiles.of(SAVED.resolve("training.pth"));
        assertEquals(
                Set.of(
                        "0.weight",
                        "0.bias",
                        "1.weight",
                        "1.bias",
                        "1.running_mean",
                        "1.running_var",
                        "1.num_batches_tracked"),
                weights.names());
        assertEquals(1, weights.place("1.num_batches_tracked").file().longs("1.num_batches_tracked")[0]);
        assertArrayEquals(
                new double[] {0, 1, 2, 3},
                TorchFile.open(SAVED.resolve("parameter.bin")).doubles("w"));
    }

    @Test
    void aFolderWithPickledWeightsOnlyIsRead() throws IOException {
        Files.copy(SAVED.resolve("state.pt"), folder.resolve("pytorch_model.bin"));
        assertTrue(WeightFiles.in(folder).names().contains("half"));
    }

    @ParameterizedTest
    @CsvSource({
        "transposed.pt, not in rows",
        "legacy.pt, before 1.6",
        "namespace.pt, argparse.Namespace",
        "script.pt, TorchScript"
    })
    void whatIsNotReadIsNamed(String name, String reason) {
        refused(SAVED.resolve(name), reason);
    }

    // -- canaries: each would create the file CANARY if it were run by Python's pickle

    @ParameterizedTest
    @ValueSource(strings = {"posix\nsystem", "os\nsystem", "builtins\neval", "builtins\nexec", "subprocess\nPopen"})
    void aCallOfTheSystemIsRefused(String callable) throws IOException {
        refused(archive(pickle("c", callable, "\n", text("touch CANARY"), "\u0085R.")), "could run code");
    }

    @Test
    void aCallHiddenDeepInATensorIsRefused() throws IOException {
        // {"w": _rebuild_parameter(system("touch CANARY"), …)}
        refused(
                archive(pickle(
                        "}(",
                        text("w"),
                        "ctorch._utils\n_rebuild_parameter\n",
                        "cposix\nsystem\n",
                        text("touch CANARY"),
                        "\u0085R\u0085Ru.")),
                "posix.system");
    }

    @Test
    void aCallThroughTheMemoIsRefused() throws IOException {
        // The name is put aside while it is still allowed to be anything, and fetched for the call.
        refused(
                archive(pickle(
                        text("system"),
                        "q\u0001",
                        text("posix"),
                        "h\u0001\u0093q\u0002h\u0002",
                        text("x"),
                        "\u0085R.")),
                "posix.system");
        // An allowed name may not be called through what was never remembered, nor a value be called at all.
        refused(archive(pickle("h\u0007", text("x"), "\u0085R.")), "never remembered");
        refused(archive(pickle(text("posix.system"), text("x"), "\u0085R.")), "not built like tensors");
        refused(archive(pickle("(q\u0001h\u0001.")), "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"i", "o", "\u0081", "\u0092", "\u0082\u0001", "P1\n", "S'x'\n", "I1\n", "\u0097", "1"})
    void anInstructionThatTensorsDoNotNeedIsRefused(String instruction) throws IOException {
        refused(archive(pickle("(", text("posix"), text("system"), instruction, ".")), "instruction");
    }

    @Test
    void aStorageOfAnUnknownKindIsRefused() throws IOException {
        refused(
                archive(pickle("((", text("storage"), "cposix\nsystem\n", text("0"), text("cpu"), "K\u0001tQ.")),
                "posix.system");
        refused(
                archive(pickle(
                        "(",
                        text("storage"),
                        "ctorch._utils\n_rebuild_tensor_v2\n",
                        text("0"),
                        text("cpu"),
                        "K\u0001tQ.")),
                "numbers of the kind");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights.safetensors", "weights.pt", "weights.bin"})
    void aBarePickleUnderAnyNameIsRefused(String name) throws IOException {
        var file = Files.write(folder.resolve(name), pickle("cposix\nsystem\n", text("touch CANARY"), "\u0085R."));
        assertThrows(TillerException.class, () -> WeightFiles.of(file));
        nothingRan();
    }

    @Test
    void anArchiveUnderTheNameOfSafetensorsIsRefused() throws IOException {
        var file = Files.copy(SAVED.resolve("state.pt"), folder.resolve("model.safetensors"));
        assertThrows(SafeTensorsException.class, () -> WeightFiles.of(file));
    }

    // -- archives

    @ParameterizedTest
    @ValueSource(strings = {"../../evil", "/evil", "a/../../evil", "..\\evil"})
    void aNameThatLeavesTheArchiveIsRefused(String name) throws IOException {
        var parts = parts(pickle("}."));
        parts.put(name, new byte[1]);
        refused(zip(parts, ZipEntry.STORED), "leaves the archive");
        assertFalse(Files.exists(folder.resolve("../../evil").normalize()));
    }

    @Test
    void aBombIsRefused() throws IOException {
        var parts = parts(pickle("}."));
        parts.put("archive/data/0", new byte[50_000_000]);
        var bomb = zip(parts, ZipEntry.DEFLATED);
        assertTrue(Files.size(bomb) < 100_000);
        refused(bomb, "compressed");
        // A text and a number that claim to be huge.
        refused(archive(pickle("X\u00ff\u00ff\u00ff\u007fx.")), "longer than the file");
        refused(archive(pickle("\u008a\u00ff", "1".repeat(255), ".")), "beyond all bounds");
        // A list of itself, and lists of lists of lists, cost as much as their instructions.
        refused(archive(pickle("]q\u0001h\u0001a.")), "dictionary of tensors");
        var nested = new StringBuilder("]q\u0001");
        for (int i = 0; i < 60; i++) {
            nested.append("](").append("h\u0001".repeat(10)).append("eq\u0001");
        }
        refused(archive(pickle(nested.toString(), ".")), "");
        // A key that contains itself has no hash.
        refused(archive(pickle("}(]q\u0001h\u0001aK\u0001u.")), "");
    }

    @ParameterizedTest
    @CsvSource({"5,0,too short", "1,4,too short", "4611686018427387904,0,beyond all bounds", "1,-1,too short"})
    void aTensorBeyondItsNumbersIsRefused(long size, long offset, String reason) throws IOException {
        refused(archive(tensor(size, offset, 1)), reason);
    }

    @Test
    void aTensorWithinItsNumbersIsRead() throws IOException {
        assertArrayEquals(
                new double[] {2, 3}, TorchFile.open(archive(tensor(2, 1, 1))).doubles("w"));
        refused(archive(tensor(2, 0, 2)), "not in rows");
    }

    @Test
    void anArchiveThatTwoReadersUnderstandDifferentlyIsRefused() throws IOException {
        var bytes = Files.readAllBytes(SAVED.resolve("state.pt"));
        // The first local header is renamed; the directory still has the old name.
        bytes[30] ^= 1;
        refused(Files.write(folder.resolve("renamed.pt"), bytes), "describes differently");
        var two = parts(pickle("}."));
        two.put("other/data.pkl", pickle("cposix\nsystem\n."));
        refused(zip(two, ZipEntry.STORED), "2 files data.pkl");
    }

    /** Whatever is wrong with a file, it is refused or read, and never anything else. */
    @Test
    void damagedFilesAreRefusedOrReadAndNothingElse() throws IOException {
        var good = Files.readAllBytes(SAVED.resolve("state.pt"));
        var random = new Random(7);
        var file = folder.resolve("damaged.pt");
        for (int i = 0; i < 2000; i++) {
            var bytes = good.clone();
            for (int k = 0; k <= random.nextInt(4); k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(file, random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try {
                var open = TorchFile.open(file);
                open.entries().keySet().forEach(open::doubles);
            } catch (TillerException expected) {
                assertFalse(expected.getMessage().isBlank());
            }
        }
    }

    private void refused(Path file, String reason) {
        var e = assertThrows(TillerException.class, () -> TorchFile.open(file));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        nothingRan();
    }

    private static void nothingRan() {
        assertFalse(Files.exists(Path.of("CANARY")));
    }

    /** {"w": a float32 tensor of one dimension over the storage [1, 2, 3, 4]}. */
    private static byte[] tensor(long size, long offset, long stride) throws IOException {
        return pickle(
                "}(",
                text("w"),
                "ctorch._utils\n_rebuild_tensor_v2\n((",
                text("storage"),
                "ctorch\nFloatStorage\n",
                text("0"),
                text("cpu"),
                "K\u0004tQ",
                number(offset),
                number(size),
                "\u0085",
                number(stride),
                "\u0085\u0089}tRu.");
    }

    /** LONG1. */
    private static String number(long value) {
        var bytes = new StringBuilder("\u008a\u0008");
        for (int i = 0; i < 8; i++) {
            bytes.append((char) (value >>> (8 * i) & 0xff));
        }
        return bytes.toString();
    }

    private static String text(String text) {
        return "X" + (char) text.length() + "\0\0\0" + text;
    }

    private static byte[] pickle(String... parts) {
        return ("\u0080\u0002" + String.join("", parts)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Map<String, byte[]> parts(byte[] pickle) {
        var parts = new LinkedHashMap<String, byte[]>();
        parts.put("archive/data.pkl", pickle);
        parts.put("archive/data/0", HexFormat.of().parseHex("0000803f000000400000404000008040"));
        return parts;
    }

    private Path archive(byte[] pickle) throws IOException {
        return zip(parts(pickle), ZipEntry.STORED);
    }

    private Path zip(Map<String, byte[]> parts, int method) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var part : parts.entrySet()) {
                var entry = new ZipEntry(part.getKey());
                entry.setMethod(method);
                if (method == ZipEntry.STORED) {
                    var crc = new CRC32();
                    crc.update(ByteBuffer.wrap(part.getValue()));
                    entry.setCrc(crc.getValue());
                    entry.setSize(part.getValue().length);
                }
                zip.putNextEntry(entry);
                zip.write(part.getValue());
                zip.closeEntry();
            }
        }
        return Files.write(folder.resolve("archive.pt"), bytes.toByteArray());
    }
}
