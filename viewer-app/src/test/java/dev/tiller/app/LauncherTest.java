// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code tiller}, with a Java that says what it was asked and a Maven that builds nothing. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final List<String> MODULES =
            List.of("viewer-app", "benchmark", "potentials", "samplers", "steering-core");

    @TempDir
    Path folder;

    private Path jar;

    private record Said(int code, String text) {}

    @BeforeEach
    void javaAndMaven() throws IOException {
        jar = Files.createDirectories(folder.resolve("target/repository")).resolve("some.jar");
        Files.createFile(jar);
        script("jdk/bin/java", "printf '%s\\n' \"$@\"");
        release("17.0.1");
        mavenBegins(":");
    }

    private void mavenBegins(String line) throws IOException {
        script(
                "bin/mvn",
                "if [ \"$1\" = -v ]; then echo 'Apache Maven 3.9.1 (x)'; exit; fi",
                line,
                "[ -z \"${JAVA_HOME:-}\" ] || [ -x \"$JAVA_HOME/bin/java\" ] || exit 1",
                "for m in " + String.join(" ", MODULES) + "; do mkdir -p $m/target/classes; done",
                "printf '%s:%s' \"$PWD/samplers/target/samplers.jar\" '" + jar
                        + "' >target/viewer-app.dependencies; echo built >>target/times");
    }

    private void script(String name, String... lines) throws IOException {
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private void release(String version) throws IOException {
        Files.writeString(folder.resolve("jdk/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    }

    private Path checkout(String name) throws IOException {
        var home = Files.createDirectories(folder.resolve(name));
        Files.copy(Path.of("..", "tiller"), home.resolve("tiller"));
        Files.createFile(home.resolve("pom.xml"));
        for (var module : MODULES) {
            Files.createDirectories(home.resolve(module).resolve("src/main"));
            Files.createFile(home.resolve(module).resolve("pom.xml"));
        }
        return home.toRealPath();
    }

    private Said run(Path home) throws IOException, InterruptedException {
        return run(home, Map.of("JAVA_HOME", folder.resolve("jdk").toString()));
    }

    private Said run(Path home, Map<String, String> environment) throws IOException, InterruptedException {
        return said(started(home, environment));
    }

    private static Said said(Process running) throws IOException, InterruptedException {
        var text = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(running.waitFor(), text);
    }

    private Process started(Path home, Map<String, String> environment) throws IOException {
        var process = new ProcessBuilder("sh", home.resolve("tiller").toString(), "doctor").redirectErrorStream(true);
        process.environment().remove("TILLER_CLASSPATH");
        process.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        process.environment().putAll(environment);
        var running = process.start();
        running.getOutputStream().close();
        return running;
    }

    private static void assertStarts(Path home, Path jar, Said said) {
        assertEquals(0, said.code(), said.text());
        var classes =
                MODULES.stream().map(m -> home + "/" + m + "/target/classes").toList();
        assertTrue(said.text().contains("-cp\n" + String.join(":", classes) + ":" + jar + "\n"), said.text());
    }

    private static long builds(Path home) throws IOException {
        return Files.readAllLines(home.resolve("target/times")).size();
    }

    /** The folder of jars has a folder target above it, too. */
    @Test
    void buildsOnceAndStarts() throws Exception {
        var home = checkout("some folder");
        assertStarts(home, jar, run(home));
        assertStarts(home, jar, run(home));
        assertEquals(1, builds(home));
    }

    /** A copy must not run the classes of its original, nor a folder that was moved look for them. */
    @Test
    void aFolderThatWasMovedIsBuiltAgain() throws Exception {
        var home = checkout("before");
        run(home);
        var moved = Files.move(home, home.resolveSibling("after"));
        assertStarts(moved, jar, run(moved));
        assertEquals(2, builds(moved));
    }

    @Test
    void buildsAgainWhereAJarIsGone() throws Exception {
        var home = checkout("home");
        run(home);
        Files.delete(jar);
        run(home);
        assertEquals(2, builds(home));
    }

    @Test
    void whatWasEditedWhileMavenBuiltIsBuiltAgain() throws Exception {
        var home = checkout("home");
        var once = home.resolve("once");
        mavenBegins("[ -e '" + once + "' ] || { sleep 0.1; touch '" + once + "' samplers/src/main/edited; }");
        run(home);
        run(home);
        assertStarts(home, jar, run(home));
        assertEquals(2, builds(home));
    }

    @Test
    void aSecondOneWaitsForTheFirstToBuild() throws Exception {
        assumeTrue(
                Stream.of("/usr/bin/flock", "/bin/flock").anyMatch(f -> Files.isExecutable(Path.of(f))), "needs flock");
        var home = checkout("home");
        var go = home.resolve("go");
        mavenBegins("while [ ! -e '" + go + "' ]; do sleep 0.05; done");
        var environment = Map.of("JAVA_HOME", folder.resolve("jdk").toString());
        var first = started(home, environment);
        assertEquals('t', first.getInputStream().read()); // tiller: building
        var second = started(home, environment);
        assertEquals('t', second.getInputStream().read()); // tiller: another tiller is building
        Files.createFile(go);
        assertTrue(said(first).text().contains("building (the first"));
        var waited = said(second);
        assertTrue(waited.text().contains("waiting for it"), waited.text());
        assertStarts(home, jar, waited);
        assertEquals(1, builds(home));
    }

    @ParameterizedTest
    @CsvSource({"11.0.2,11", "1.8.0_392,1.8", "9,9", "16.0.2,16"})
    void anOldJavaIsRefusedThoughAllIsBuilt(String version, String said) throws Exception {
        var home = checkout("home");
        run(home);
        release(version);
        var refused = run(home);
        assertEquals(1, refused.code());
        assertTrue(refused.text().contains("Java " + said + " is too old"), refused.text());
    }

    @Test
    void aJavaHomeWithoutJavaIsPassedOverAndSaid() throws Exception {
        var home = checkout("home");
        Files.createSymbolicLink(folder.resolve("bin/java"), folder.resolve("jdk/bin/java"));
        var said = run(home, Map.of("JAVA_HOME", "/nowhere"));
        assertStarts(home, jar, said);
        assertTrue(said.text().contains("JAVA_HOME (/nowhere) has no bin/java"), said.text());
    }

    @Test
    void aFolderThatJavaCannotNameIsRefused() throws Exception {
        var refused = run(checkout("a:b"));
        assertEquals(1, refused.code());
        assertTrue(refused.text().contains("colon"), refused.text());
        assertFalse(refused.text().contains("-cp"), refused.text());
    }
}
