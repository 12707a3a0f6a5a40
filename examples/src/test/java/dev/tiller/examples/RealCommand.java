// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The command {@code tiller} as users run it: a process of its own.
 *
 * @param folder what it writes on stdout and stderr lies here
 * @param environment added to that of the tests
 * @param classPath added to that of the tests
 */
public record RealCommand(Path folder, Map<String, String> environment, List<Path> classPath) {
    /** How it ended and what it said. */
    public record Ended(int code, String out, String err) {
        public Ended succeeds() {
            assertEquals(0, code, err);
            return this;
        }
    }

    /** All class path entries that tests have, those of the reactor first. */
    public static String ofTests() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    public Process start(String... args) throws IOException {
        var path = new StringBuilder(ofTests());
        classPath.forEach(
                entry -> path.append(System.getProperty("path.separator")).append(entry));
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Djava.awt.headless=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-cp",
                path.toString(),
                "dev.tiller.app.Main"));
        command.addAll(Arrays.asList(args));
        var builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("stdout").toFile())
                .redirectError(folder.resolve("stderr").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    public Ended run(String... args) throws IOException, InterruptedException {
        return end(start(args));
    }

    /** Waits for it. */
    public Ended end(Process process) throws IOException, InterruptedException {
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return new Ended(process.waitFor(), said("stdout"), said("stderr"));
    }

    private String said(String stream) throws IOException {
        return Files.readString(folder.resolve(stream), StandardCharsets.UTF_8);
    }

    /** Fails if a text stands in a file's bytes, under any of the folders. */
    static void assertNowhere(String text, Path... folders) throws IOException {
        for (var folder : folders) {
            try (var files = Files.walk(folder)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    var bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    assertTrue(!bytes.contains(text), () -> "'" + text + "' stands in " + file);
                }
            }
        }
    }
}
