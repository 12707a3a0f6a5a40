// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static dev.tiller.app.Told.quick;
import static dev.tiller.app.Told.tiller;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a user can do wrong, or be handed: one clear sentence, a non-zero exit, nothing half-written. */
class BadInputTest {
    private static final String WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

    @TempDir
    Path temp;

    @AfterEach
    void nothingIsLeftAlive() {
        assertEquals(0, Tensor.alive());
    }

    private interface Damage {
        byte[] to(byte[] file) throws IOException;
    }

    /** A run with a copy of the embedded model in which one file is damaged; null deletes it. */
    private Told withDamaged(String name, Damage damage) throws IOException {
        var source = ModelLocator.ofEnvironment(Map.of()).locate("scenes");
        var copy = temp.resolve("model");
        try (var walk = Files.walk(source)) {
            for (var path : walk.toList()) {
                var target = copy.resolve(source.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        var file = copy.resolve(name);
        assertTrue(Files.exists(file), name);
        var damaged = damage.to(Files.readAllBytes(file));
        if (damaged == null) {
            Files.delete(file);
        } else {
            Files.write(file, damaged);
        }
        var told = quick("a red circle", "--model", copy, "--out", temp.resolve("out"));
        assertTrue(!Files.exists(temp.resolve("out/0001.png")));
        return told;
    }

    @Test
    void missingWeights() throws IOException {
        withDamaged(WEIGHTS, file -> null).fails(1, "unet");
    }

    @Test
    void truncatedWeights() throws IOException {
        withDamaged(WEIGHTS, file -> Arrays.copyOf(file, file.length / 2)).fails(1, WEIGHTS.substring(5));
    }

    @Test
    void hostileSafetensors() throws IOException {
        withDamaged(
                        WEIGHTS,
                        file -> ByteBuffer.wrap(file.clone())
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putLong(0, Long.MAX_VALUE)
                                .array())
                .fails(1, WEIGHTS.substring(5));
    }

    @Test
    void notANumberInWeights() throws IOException {
        withDamaged(WEIGHTS, file -> {
                    var damaged = file.clone();
                    // All ones are NaN in every floating-point type.
                    Arrays.fill(damaged, damaged.length - 4096, damaged.length, (byte) 0xFF);
                    return damaged;
                })
                .fails(1);
    }

    /** Of the same length, so that no place in the file changes. */
    private static byte[] renamed(byte[] file, String from, String to) {
        var text = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(from) && from.length() == to.length(), from);
        return text.replaceFirst(java.util.regex.Pattern.quote(from), to)
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Test
    void weightsOfAnotherArchitecture() throws IOException {
        withDamaged(WEIGHTS, file -> renamed(file, "\"conv_in.bias\"", "\"conv_in.bios\""))
                .fails(1, "'conv_in.bias'");
        withDamaged(WEIGHTS, file -> renamed(file, "\"F16\"", "\"I16\"")).fails(1, "of type I16");
        withDamaged("unet/config.json", file -> replaced(file, "\"out_channels\": 4", "\"out_channels\": 8"))
                .fails(1, "conv_out.weight", "8×64×3×3");
        withDamaged(
                        "unet/config.json",
                        file -> replaced(file, "\"attention_head_dim\": 4", "\"attention_head_dim\": 0"))
                .fails(1, "attention_head_dim");
        withDamaged("unet/config.json", file -> replaced(file, "\"sample_size\": 16", "\"sample_size\": -4"))
                .fails(1, "sample_size");
        withDamaged("vae/config.json", file -> replaced(file, "\"scaling_factor\": 0.72766", "\"scaling_factor\": 0"))
                .fails(1, "scaling_factor");
        withDamaged("vae/config.json", file -> replaced(file, "\"layers_per_block\": 1", "\"layers_per_block\": 2"))
                .fails(1, "decoder.up_blocks.0.resnets.2");
        withDamaged(
                        "text_encoder/config.json",
                        file -> replaced(file, "\"intermediate_size\": 512", "\"intermediate_size\": 511"))
                .fails(1, "mlp.fc1.weight", "511×128");
    }

    /** As in diffusers: who changes the scheduler of a checkpoint there changes it here. */
    @Test
    void theIndexSaysWhichSchedulerItIs() throws IOException {
        withDamaged("model_index.json", file -> replaced(file, "DDIMScheduler", "HeunDiscreteScheduler"))
                .fails(1, "HeunDiscreteScheduler");
    }

    @Test
    void notANumberInTheDecodersWeights() throws IOException {
        withDamaged("vae/diffusion_pytorch_model.safetensors", file -> {
                    var damaged = file.clone();
                    int header =
                            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
                    Arrays.fill(damaged, 8 + header, damaged.length, (byte) 0xFF);
                    return damaged;
                })
                .fails(1, "VAE", "not finite");
    }

    @Test
    void unknownArchitecture() throws IOException {
        withDamaged("unet/config.json", file -> replaced(file, "UNet2DConditionModel", "UNet5DHyperModel"))
                .fails(1, "UNet5DHyperModel");
    }

    @Test
    void unknownSchedulerKey() throws IOException {
        withDamaged("scheduler/scheduler_config.json", file -> replaced(file, "{", "{\"use_warp_drive\": true,"))
                .fails(1, "use_warp_drive");
    }

    /** A terminal must not be told by a checkpoint what to do. */
    @Test
    void namesWithControlCharacters() throws IOException {
        var told = withDamaged("unet/config.json", file -> replaced(file, "{", "{\"red\\\\u001b[31m\": 1,"));
        told.fails(1, "unknown option red\uFFFD[31m");
    }

    @Test
    void configurationThatIsNotJson() throws IOException {
        withDamaged("unet/config.json", file -> Arrays.copyOf(file, file.length / 2))
                .fails(1, "config.json");
    }

    private static byte[] replaced(byte[] file, String from, String to) {
        var text = new String(file, java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(text.contains(from), text);
        return text.replaceFirst(java.util.regex.Pattern.quote(from), to)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void veryLongPromptsAndEmojiAreTaken() {
        var told = quick("circle ".repeat(1429), "--out", temp.resolve("long")).succeeds();
        assertTrue(told.err().contains("Note: "), "the prompt is cut, and that must be said: " + told.err());
        var judged = quick("circle ".repeat(1429), "--out", temp.resolve("judged"), "--reward", "clip")
                .succeeds();
        assertTrue(judged.err().lines().allMatch(line -> line.length() < 200), judged.err());
        quick("\uD83D\uDC31\u200D\uD83D\uDC64".repeat(300), "--out", temp.resolve("emoji"))
                .succeeds();
        quick("\uD83D", "--out", temp.resolve("half")).succeeds();
        quick("", "--out", temp.resolve("empty")).succeeds();
    }

    @Test
    void optionsOutOfRange() {
        var out = temp.resolve("out");
        quick("x", "--out", out, "--particles", 0).fails(1, "particles", "0");
        quick("x", "--out", out, "--particles", -3).fails(1, "-3");
        quick("x", "--out", out, "--steps", 0).fails(1, "steps");
        quick("x", "--out", out, "--width", 13).fails(1, "13");
        quick("x", "--out", out, "--lambda", "NaN").fails(1);
        quick("x", "--out", out, "--eta", 0, "--resample-from", 1).fails(1, "eta");
        quick("x", "--out", out, "--dtype", "int3").fails(1, "int3", "float32");
        quick("x", "--out", out, "--threads", 1_000_000).fails(1, "threads", "1000000");
        quick("x", "--out", out, "--device", "toaster").fails(1, "toaster");
        quick("x", "--out", out, "--device", "cuda:9").fails(1, "cuda:9");
        quick("x", "--out", out, "--scheduler", "magic").fails(1, "magic");
        quick("x", "--out", out, "--potential", "best").fails(1, "best");
        quick("x", "--out", out, "--resampler", "coin").fails(1, "coin");
        quick("x", "--out", out, "--model", "nope").fails(1, "nope", "scenes");
        tiller("run", "x", "--out", out.toString(), "--reward", "rednes").fails(1, "rednes", "redness");
        // An expression is shown with a mark under the place, so this takes three lines.
        var expression = tiller("run", "x", "--out", out.toString(), "--reward", "2 ** redness");
        assertEquals(1, expression.code());
        assertTrue(expression.err().contains("column 4"), expression.err());
        assertTrue(!Files.exists(out), "nothing was begun, and nothing is left");
    }

    @Test
    void commandLinesThatAreNotUnderstood() throws IOException {
        var empty = Files.createFile(temp.resolve("empty.json"));
        tiller("run").fails(2, "what the picture should show");
        tiller("run", "x", "--method", "magic").fails(2, "magic", "svdd");
        tiller("run", "x", "--method", "bon", "--potential", "max").fails(2, "bon", "potential", "fk, svdd");
        tiller("run", "x", "--steps", "many").fails(2, "many");
        tiller("run", "x", "--manifest", "m.json").fails(2, "--manifest");
        tiller("run", "--manifest", empty.toString()).fails(1, "empty.json is empty");
        tiller("run", "x", "--particles=three").fails(2, "'three' is not a whole number.");
        tiller("rum", "x").fails(2, "There is no command 'rum'. Did you mean run?");
        tiller("bench", "scor").fails(2, "Did you mean score?");
        tiller("run", "x", "--colour").fails(2, "There is no option --colour.");
        tiller("run", "x", "--partikles=3").fails(2, "There is no option --partikles. Did you mean --particles?");
        tiller("run", "--", "-x", "--steps", "1").fails(2, "After -- nothing is an option; give --steps before it.");
        tiller("run", "x", "--out", "").fails(2, "--out needs the name of a folder.");
        tiller("run", "a", "red", "circle").fails(2, "'red' is one word too many", "quotation marks");
    }

    @Test
    void withoutAScreenSayingNothingIsNotUnderstood() {
        // Another test of this process may have made a screen of its own.
        var screen = System.clearProperty("monocle.platform");
        try {
            assertEquals(2, tiller().code());
        } finally {
            if (screen != null) {
                System.setProperty("monocle.platform", screen);
            }
        }
    }

    @Test
    void foldersThatWillNotDo() throws IOException {
        var file = Files.writeString(temp.resolve("file"), "x");
        quick("x", "--out", file).fails(1, "is a file");
        quick("x", "--out", file.resolve("below")).fails(1, "Cannot");
        tiller("run", "--resume", temp.resolve("none").toString()).fails(1, "no folder");
        tiller("run", "--resume", temp.toString()).fails(1, "manifest");
        tiller(
                        "run",
                        "--manifest",
                        file.toString(),
                        "--out",
                        temp.resolve("out").toString())
                .fails(1, "manifest");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFolderThatCannotBeWrittenTo() throws IOException {
        // Not even the superuser makes folders in sysfs.
        var readOnly = Path.of("/sys/kernel");
        assumeTrue(Files.isDirectory(readOnly));
        quick("x", "--out", readOnly.resolve("tiller")).fails(1, "Cannot make the folder");
    }

    @Test
    void picturesThatCannotBeScored() throws IOException {
        var text = Files.writeString(temp.resolve("a.png"), "no picture");
        tiller("score", text.toString(), "--reward", "redness", "--prompt", "x").fails(1, "a.png", "not a picture");
        tiller("score", temp.resolve("none.png").toString(), "--reward", "redness")
                .fails(1, "none.png");
        var empty = Files.createDirectory(temp.resolve("empty"));
        tiller("score", empty.toString(), "--reward", "redness").fails(1, "no PNG");
        Files.writeString(empty.resolve("prompts.jsonl"), "{\"file\": 3}\n");
        tiller("score", empty.toString(), "--reward", "redness").fails(1, "Line 1");
    }

    /** More pictures than are looked at together, and of two sizes, are one population: the n-th of them lies behind n − 1. */
    @Test
    void theScoredPicturesOfAPromptAreOnePopulation() throws IOException {
        var folder = Files.createDirectory(temp.resolve("many"));
        int n = 19;
        for (int i = 0; i < n; i++) {
            int side = i % 5 == 0 ? 3 : 2;
            var rgb = new byte[3 * side * side];
            for (int p = 0; p < rgb.length; p += 3) {
                rgb[p] = (byte) (10 * i);
            }
            Files.write(folder.resolve("%02d.png".formatted(i)), Png.encode(new Picture(side, side, rgb), Map.of()));
        }
        var told = tiller("score", folder.toString(), "--reward", "pareto(of=redness)", "--prompt", "x", "--json")
                .succeeds();
        var lines = told.out().lines().toList();
        assertEquals(n, lines.size());
        for (int i = 0; i < n; i++) {
            assertTrue(
                    lines.get(i).contains("\"score\":" + (i + 1 - n) + ".0")
                            || (i + 1 == n && lines.get(i).contains("\"score\":-0.0")),
                    lines.get(i));
        }
    }

    @Test
    void goldensThatAreNotThere() {
        tiller("parity", temp.resolve("none").toString()).fails(1, "none");
    }
}
