// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.method.RunPlan;
import dev.tiller.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the gallery gives to take along is the run it was taken from. */
class LocalShelfTest {
    private static final LocalShelf SHELF = new LocalShelf(Path.of("none"), List.of());

    static Stream<RunPlan> plans() {
        return Stream.of(
                RunPlan.of("a red circle"),
                RunPlan.of(
                        Map.of("prompt", "the cat's \"hat\" $HOME `id` \\ ; rm -rf * \n second line !", "steps", 20)),
                RunPlan.of(Map.of("prompt", "--seed", "negative", "-blurry", "seed", -7L, "baseline", true)),
                RunPlan.of(Map.of("prompt", "@file", "method", "reno", "hold-out", "verifier", "negative", "true")),
                RunPlan.of(Map.of("prompt", "", "reward", "0.7*clip + 0.3*verifier", "particles", 3)),
                // The default at 50 steps, and not at 20.
                RunPlan.of(Map.of("prompt", "雪と猫 é", "steps", 20, "resample-from", 16)),
                RunPlan.of(Map.of("prompt", "x", "method", "base", "model", "/a b/model")),
                RunPlan.of(Map.of("prompt", "x", "method", "flow-nrg", "guidance", 1.5)));
    }

    /** What {@code tiller run} makes of these arguments. */
    private static RunPlan parsed(List<String> arguments) {
        var none = new PrintWriter(new StringWriter());
        var run = Main.commandLine(none, none)
                .parseArgs(arguments.toArray(String[]::new))
                .subcommand();
        var given = PlanArguments.given(run);
        given.put(RunPlan.PROMPT.name(), run.matchedPositionalValue(0, ""));
        return RunPlan.of(given);
    }

    @ParameterizedTest
    @MethodSource("plans")
    void theArgumentsGiveTheSamePlan(RunPlan plan) {
        assertEquals(plan, parsed(LocalShelf.arguments(plan.toMap())));
    }

    @ParameterizedTest
    @MethodSource("plans")
    @DisabledOnOs(OS.WINDOWS)
    void aShellSeesTheSameArguments(RunPlan plan) throws IOException, InterruptedException {
        var line = SHELF.command(plan.toMap());
        assertTrue(line.startsWith("tiller run "), line);
        var script = "tiller() { for word; do printf '%s\\0' \"$word\"; done; }\n" + line + "\n";
        var builder = new ProcessBuilder("sh", "-c", script);
        builder.environment().put("LC_ALL", "C.UTF-8");
        var shell = builder.redirectErrorStream(true).start();
        var out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), out);
        var words = List.of(out.split("\0", -1));
        assertEquals(plan, parsed(words.subList(0, words.size() - 1)));
    }

    @Test
    void whatFollowsAnywayIsLeftOut() {
        assertEquals(
                "tiller run 'a red circle'",
                SHELF.command(RunPlan.of("a red circle").toMap()));
        assertEquals(
                List.of("run", "x", "--method", "reno", "--seed", "3"),
                LocalShelf.arguments(RunPlan.of(Map.of("prompt", "x", "method", "reno", "seed", 3))
                        .toMap()));
    }

    @Test
    void theProgramCompilesAndMakesTheRun(@TempDir Path temp) throws Exception {
        var options = new LinkedHashMap<String, Object>();
        options.put("prompt", "a \"red\" \\u0041 circle\n\t雪 \u0000 */ ${x} %s");
        options.put("reward", "redness");
        options.put("particles", 2);
        options.put("steps", 2);
        var source = Files.writeString(
                temp.resolve(JavaProgram.NAME + ".java"),
                SHELF.java(RunPlan.of(options).toMap()));
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.US_ASCII)) {
            var task = compiler.getTask(
                    said,
                    files,
                    null,
                    List.of(
                            "-proc:none",
                            "-Xlint:all,-path,-classfile",
                            "-Werror",
                            "-d",
                            temp.toString(),
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))),
                    null,
                    files.getJavaFileObjects(source));
            assertTrue(task.call(), said::toString);
        }
        try (var loader =
                new URLClassLoader(new URL[] {temp.toUri().toURL()}, getClass().getClassLoader())) {
            var folder = temp.resolve("run");
            loader.loadClass(JavaProgram.NAME).getMethod("main", String[].class).invoke(null, (Object)
                    new String[] {folder.toString()});
            assertTrue(Files.exists(folder.resolve("particle-0.png")));
            assertTrue(Files.exists(folder.resolve("particle-1.png")));
        }
        assertEquals(0, Tensor.alive());
    }
}
