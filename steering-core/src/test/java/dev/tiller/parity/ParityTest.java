// SPDX-License-Identifier: Apache-2.0
package dev.tiller.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.parity.ParityReport.Row;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.run.TillerException;
import dev.tiller.weights.SafeTensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityTest {
    private static final double[] REFERENCE = {1, -4, 2, 0};

    @TempDir
    Path folder;

    private Path golden(String name) throws IOException {
        return golden(name, "{\"out.y\": {\"atol\": 0.25}}");
    }

    private Path golden(String name, String tolerance) throws IOException {
        var directory = Files.createDirectories(folder.resolve("deep/er").resolve(name));
        Files.writeString(directory.resolve("meta.json"), """
                {"name": "%s", "family": "toys", "class_name": "a.Toy", "tolerance": %s,
                 "cases": [{"prefix": "a.", "fn": "toy", "inputs": ["x"], "outputs": ["y"], "scalars": {"t": 3}}]}
                """.formatted(name, tolerance));
        new SafeTensorsWriter()
                .add("in.x", new float[] {1, 2}, 2)
                .add("out.y", REFERENCE, 2, 2)
                .add("out.odd", new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1}, 3)
                .add("a.grad.x", new float[] {1, 2}, 2)
                .write(directory.resolve("io.safetensors"));
        return directory;
    }

    private static ParityCase toy(BiConsumer<Golden, ParityReport> run) {
        return new ParityCase() {
            @Override
            public boolean handles(Golden golden) {
                return golden.className().equals("a.Toy") && !golden.name().equals("alien");
            }

            @Override
            public void run(Golden golden, ParityReport report) {
                run.accept(golden, report);
            }
        };
    }

    private ParityReport report(BiConsumer<Golden, ParityReport> run) {
        return new Parity(List.of(toy(run))).over(List.of(folder));
    }

    private Row onlyRow(double... got) {
        return report((g, r) -> r.compare(g, "out.y", got, 2, 2))
                .sections()
                .get(0)
                .rows()
                .get(0);
    }

    @Test
    void anErrorOfExactlyTheTolerancePassesAndTheNextNumberFails() throws IOException {
        golden("one");
        var row = onlyRow(1, -4.25, 2, 0.125);
        assertEquals(new Row("out.y", Status.PASS, 0.25, 0.0625, 0.25, ""), row);
        assertEquals(Status.FAIL, onlyRow(1, Math.nextDown(-4.25), 2, 0).status());
    }

    @Test
    void aRelativeToleranceIsAPartOfTheLargestElement() throws IOException {
        golden("one", "{\"out.y\": {\"atol\": 0.25, \"rtol\": 0.5}}");
        assertEquals(Status.PASS, onlyRow(1 + 2.25, -4, 2, 0).status());
        assertEquals(Status.FAIL, onlyRow(1 + 2.375, -4, 2, 0).status());
    }

    @Test
    void infinitiesAndNanMustStandWhereTheReferenceHasThem() throws IOException {
        golden("one", "{\"out.odd\": {\"atol\": 9}}");
        BiConsumer<Golden, ParityReport> same =
                (g, r) -> r.compare(g, "out.odd", new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1}, 3);
        BiConsumer<Golden, ParityReport> finite = (g, r) -> r.compare(g, "out.odd", new double[] {0, 1e300, 1}, 3);
        BiConsumer<Golden, ParityReport> negative =
                (g, r) -> r.compare(g, "out.odd", new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1}, 3);
        BiConsumer<Golden, ParityReport> extra =
                (g, r) -> r.compare(g, "out.odd", new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NaN}, 3);
        assertTrue(report(same).passed());
        assertFalse(report(finite).passed());
        assertFalse(report(negative).passed());
        assertFalse(report(extra).passed());
    }

    @Test
    void anotherShapeFails() throws IOException {
        golden("one");
        var report = report((g, r) -> r.compare(g, "out.y", REFERENCE, 4));
        assertFalse(report.passed());
        assertTrue(report.table().contains("has the shape [4] and not [2, 2]"));
    }

    @Test
    void whatTheCaseKeepsQuietAboutFailsSaveForGradients() throws IOException {
        golden("one", "{\"out.y\": {\"atol\": 1}, \"a.grad.x\": {\"atol\": 1}, \"out.odd\": {\"atol\": 1}}");
        var report = report((g, r) -> r.notSupported(g, "out.odd", "oddities"));
        assertEquals(0, report.count(Status.PASS));
        assertEquals(1, report.count(Status.FAIL));
        assertEquals(2, report.count(Status.NOT_SUPPORTED));
        assertTrue(report.table().contains("not supported yet: gradients"));
        assertTrue(report.table().contains("not supported yet: oddities"));
        assertTrue(report.table()
                .endsWith("0 passed, 1 failed, 2 not supported yet; 0 of 1 directories not supported yet\n"));
    }

    @Test
    void gradientsAloneDoNotFailARun() throws IOException {
        golden("one", "{\"out.y\": {\"atol\": 1}, \"a.grad.x\": {\"atol\": 1}}");
        assertTrue(report((g, r) -> r.compare(g, "out.y", REFERENCE, 2, 2)).passed());
    }

    @Test
    void aDirectoryThatNobodyHandlesIsNotSupportedYetAndTheRunDidNotPass() throws IOException {
        golden("alien");
        golden("one");
        var report = report((g, r) -> r.compare(g, "out.y", REFERENCE, 2, 2));
        assertEquals(1, report.count(Status.PASS));
        assertEquals(1, report.unsupportedDirectories());
        assertFalse(report.passed());
        assertTrue(report.table().contains("toys/alien  not supported yet\n"));
    }

    @Test
    void aCaseThatBreaksIsOneFailureAndTheOthersStillRun() throws IOException {
        golden("a");
        golden("b");
        var report = report((g, r) -> {
            if (g.name().equals("a")) {
                throw new TillerException("The toy is broken.");
            }
            r.compare(g, "out.y", REFERENCE, 2, 2);
        });
        assertEquals(1, report.count(Status.FAIL));
        assertEquals(1, report.count(Status.PASS));
        assertTrue(report.table().contains("The toy is broken."));
    }

    @Test
    void aDamagedDirectoryIsOneFailure() throws IOException {
        Files.writeString(golden("a").resolve("meta.json"), "{");
        var report = report((g, r) -> {});
        assertEquals(1, report.count(Status.FAIL));
        assertTrue(report.table().contains("is not valid JSON"));
    }

    @Test
    void jsonHoldsEveryTensor() throws IOException {
        golden("one", "{\"out.y\": {\"atol\": 0.5}, \"a.grad.x\": {\"atol\": 1}}");
        var json = JsonMapper.builder()
                .build()
                .readTree(report((g, r) -> r.compare(g, "out.y", new double[] {1, -4, 2, 0.25}, 2, 2))
                        .json());
        assertTrue(json.path("passed").booleanValue());
        var tensors = json.path("goldens").path(0).path("tensors");
        assertEquals(2, tensors.size());
        assertEquals(0.25, tensors.path(0).path("max_absolute_error").doubleValue());
        assertEquals("NOT_SUPPORTED", tensors.path(1).path("status").textValue());
        assertFalse(tensors.path(1).has("max_absolute_error"));
    }

    @Test
    void aGoldenSaysWhatWasCalled() throws IOException {
        var golden = Golden.read(golden("one"));
        var call = golden.cases().get(0);
        assertEquals("toys/one", golden.toString());
        assertEquals("a.", call.prefix());
        assertEquals(List.of("x"), call.inputs());
        assertEquals(List.of("y"), call.outputs());
        assertEquals(3, call.scalars().path("t").intValue());
        assertEquals(new Tolerance(0.25, 0), golden.tolerance("out.y"));
        assertThrows(TillerException.class, () -> golden.tolerance("in.x"));
    }

    @Test
    void rootsWithoutReferenceNumbersAreRefused() throws IOException {
        var parity = new Parity(List.of());
        var empty = Files.createDirectory(folder.resolve("empty"));
        assertThrows(TillerException.class, () -> parity.over(List.of(empty)));
        assertThrows(TillerException.class, () -> parity.over(List.of(folder.resolve("missing"))));
    }
}
