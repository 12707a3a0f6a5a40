// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code mvn package} in {@code examples/own-reward}, as its README says, against artifacts installed for it: a local
 * repository of its own, which has what was just built and, by links, what the build around this test has fetched. So it
 * needs no network. The plugins' versions are those of the build around it.
 */
class OwnRewardMavenTest {
    private static final Path CORE = Path.of("..", "steering-core");
    private static final String VERSION = version();

    @TempDir
    Path folder;

    @Test
    void mavenBuildsItAndItsTestsPass() throws IOException, InterruptedException {
        var home = System.getProperty("tiller.maven.home");
        assumeTrue(home != null, "this test wants to be run by Maven");
        var maven = Path.of(home, "bin", "mvn");
        assumeTrue(Files.isExecutable(maven), "there is no " + maven);
        var fetched = Path.of(System.getProperty("tiller.maven.repository"));
        assumeTrue(
                Files.isDirectory(fetched.resolve("org/apache/maven/plugins/maven-jar-plugin/3.4.2")),
                "nothing was packaged by Maven here so far");
        var repository = Files.createDirectories(folder.resolve("repository"));
        link(fetched, repository, "dev");
        link(fetched.resolve("dev"), Files.createDirectories(repository.resolve("dev")), "tiller");
        install(repository.resolve("dev/tiller"));
        var project = folder.resolve("own-reward");
        copy(Path.of("own-reward"), project);

        var log = folder.resolve("log").toFile();
        var build = new ProcessBuilder(
                        maven.toString(),
                        "-o",
                        "-B",
                        "-Dmaven.repo.local=" + repository,
                        // What is there may be used, wherever the build around this test has fetched it from.
                        "-Daether.enhancedLocalRepository.trackingFilename=none",
                        "--file",
                        "pom.xml",
                        "package")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log);
        var process = build.start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "Maven hangs");
        } finally {
            process.destroyForcibly().waitFor();
            unlink(repository);
            unlink(repository.resolve("dev"));
        }
        assertEquals(0, process.exitValue(), () -> read(log.toPath()));
        try (var jar = new JarFile(project.resolve("target/own-reward-1.0.jar").toFile())) {
            assertNotNull(jar.getEntry("com/example/tiller/WarmthProvider.class"));
            assertNotNull(jar.getEntry("META-INF/services/dev.tiller.reward.RewardProvider"));
        }
        var tests = Pattern.compile("Tests run: ([1-9]\\d*), Failures: 0, Errors: 0, Skipped: 0")
                .matcher(read(log.toPath()));
        assertTrue(tests.find(), () -> read(log.toPath()));
    }

    /** As {@code mvn install} lays them out. */
    private static void install(Path group) throws IOException {
        var parent = Files.createDirectories(group.resolve("tiller").resolve(VERSION));
        Files.copy(Path.of("..", "pom.xml"), parent.resolve("tiller-" + VERSION + ".pom"));
        var core = Files.createDirectories(group.resolve("steering-core").resolve(VERSION));
        var name = core.resolve("steering-core-" + VERSION).toString();
        Files.copy(CORE.resolve("pom.xml"), Path.of(name + ".pom"));
        jar(name + ".jar", CORE.resolve("target/classes"));
        jar(name + "-tests.jar", CORE.resolve("target/test-classes"));
    }

    private static void jar(String file, Path classes) {
        int code = ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "--create",
                        "--no-compress",
                        "--file",
                        file,
                        "-C",
                        classes.toString(),
                        ".");
        assertEquals(0, code, file);
    }

    /** Links to everything in a folder but one. */
    private static void link(Path from, Path to, String except) throws IOException {
        try (var entries = Files.list(from)) {
            for (var entry : (Iterable<Path>) entries::iterator) {
                if (!entry.getFileName().toString().equals(except)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry.toAbsolutePath());
                }
            }
        }
    }

    private static void unlink(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            for (var entry : (Iterable<Path>) entries.filter(Files::isSymbolicLink)::iterator) {
                Files.delete(entry);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (var part : List.of("pom.xml", "src")) {
            try (var files = Files.walk(from.resolve(part))) {
                for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    var copy = to.resolve(from.relativize(file).toString());
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static String version() {
        return read(Path.of("pom.xml")).replaceAll("(?s).*?<version>(.*?)</version>.*", "$1");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
