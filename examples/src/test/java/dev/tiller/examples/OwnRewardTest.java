// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/own-reward}, a project outside of this build, is built against what was built here, and used. */
class OwnRewardTest {
    private static final Path PROJECT = Path.of("own-reward");

    @TempDir
    static Path folder;

    private static Path jar;
    private static Path testClasses;

    @BeforeAll
    static void build() throws IOException {
        var classes = Files.createDirectories(folder.resolve("classes"));
        javac(classes, RealCommand.ofTests(), PROJECT.resolve("src/main/java"));
        jar = folder.resolve("own-reward.jar");
        tool(
                "jar",
                "--create",
                "--file",
                jar.toString(),
                "-C",
                classes.toString(),
                ".",
                "-C",
                PROJECT.resolve("src/main/resources").toString(),
                ".");
        testClasses = Files.createDirectories(folder.resolve("test-classes"));
        javac(
                testClasses,
                jar + System.getProperty("path.separator") + RealCommand.ofTests(),
                PROJECT.resolve("src/test/java"));
    }

    private static void javac(Path to, String classPath, Path sources) throws IOException {
        var args = new ArrayList<>(List.of("--release", "17", "-proc:none", "-cp", classPath, "-d", to.toString()));
        try (var files = Files.walk(sources)) {
            files.filter(f -> f.toString().endsWith(".java")).forEach(f -> args.add(f.toString()));
        }
        tool("javac", args.toArray(String[]::new));
    }

    private static void tool(String name, String... args) {
        var said = new StringWriter();
        var out = new PrintWriter(said);
        int code = ToolProvider.findFirst(name).orElseThrow().run(out, out, args);
        assertEquals(0, code, () -> name + ": " + said);
    }

    private RealCommand tiller() {
        return new RealCommand(folder, Map.of(), List.of(jar));
    }

    @Test
    void itSteersARunThroughTheRealCommand() throws IOException, InterruptedException {
        var run = folder.resolve("run");
        tiller().run(
                        "run",
                        "a photo of a heart above a moon",
                        "--reward",
                        "2*warmth(target=0.1)",
                        "--steps",
                        "4",
                        "--particles",
                        "2",
                        "--unsteered",
                        "0",
                        "--out",
                        run.toString())
                .succeeds();
        var manifest = Files.readString(run.resolve("manifest.json"));
        assertTrue(manifest.contains("warmth(target=0.1)"), manifest);
        var scored = new ObjectMapper()
                .readTree(tiller().run(
                                "score", run.resolve("0001.png").toString(), "--reward", "warmth(target=0.1)", "--json")
                        .succeeds()
                        .out());
        double value = scored.path("score").doubleValue();
        assertTrue(value <= 0 && value > -4, scored.toString());
    }

    @Test
    void itsMistakesAreSaidInASentence() throws IOException, InterruptedException {
        for (var reward : List.of("warmth(target=hot)", "warmth(goal=1)")) {
            var ended = tiller().run("score", "pom.xml", "--prompt", "any", "--reward", reward);
            assertEquals(1, ended.code());
            assertEquals(1, ended.err().lines().count(), ended.err());
        }
        assertTrue(tiller().run("score", "pom.xml", "--reward", "warmth(goal=1)")
                .err()
                .contains("no option 'goal'"));
    }

    /** Its own test is run too: the laws, in the class loader that has it. */
    @TestFactory
    Stream<DynamicTest> itObeysTheLaws() throws Exception {
        var urls = new URL[] {testClasses.toUri().toURL(), jar.toUri().toURL()};
        var loader = new URLClassLoader(urls, getClass().getClassLoader());
        var test = loader.loadClass("com.example.tiller.WarmthTest");
        var instance = test.getConstructor().newInstance();
        return Arrays.stream(test.getSuperclass().getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> dynamicTest(method.getName(), () -> {
                    method.setAccessible(true);
                    method.invoke(instance);
                }))
                .onClose(() -> {
                    try {
                        loader.close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
    }

    /** What a user's Maven is told is what this build is. */
    @Test
    void itsPomNamesThisVersion() throws IOException {
        var own = Files.readString(PROJECT.resolve("pom.xml"));
        var ours = Files.readString(Path.of("pom.xml"));
        var version = ours.replaceAll("(?s).*?<version>(.*?)</version>.*", "$1");
        assertTrue(own.contains("<tiller.version>" + version + "</tiller.version>"), version);
    }
}
