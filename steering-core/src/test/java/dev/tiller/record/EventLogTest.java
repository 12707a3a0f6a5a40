// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLogTest {
    @TempDir
    Path folder;

    private Path log(List<RunEvent> events) {
        var file = folder.resolve("events.jsonl");
        try (var log = EventLog.create(file)) {
            events.forEach(log::on);
        }
        return file;
    }

    private static List<RunEvent> replay(Path file) {
        var heard = new ArrayList<RunEvent>();
        EventLog.replay(file, heard::add);
        return heard;
    }

    @Test
    void aReplaySoundsLikeTheRun() throws IOException {
        for (long seed = 0; seed < 200; seed++) {
            var live = RandomRun.of(seed);
            var file = log(live);
            var heard = replay(file);
            assertTrue(same(live, heard), "seed " + seed);
            assertEquals(new EventLog.Replay(live.size(), true, false), EventLog.replay(file, e -> {}));
            Files.delete(file);
        }
    }

    @Test
    void eventsAreWrittenAsAnyRecordIs() {
        for (long seed = 0; seed < 50; seed++) {
            for (var event : RandomRun.of(seed)) {
                assertEquals(RecordJson.write(event), EventJson.write(event));
            }
        }
    }

    @Test
    void theComparisonOfThisTestSeesASingleBit() {
        var run = RandomRun.of(2);
        var other = RandomRun.of(2);
        assertTrue(same(run, other));
        var logWeights = run.stream()
                .filter(e -> e instanceof RunEvent.StepDone)
                .map(e -> ((RunEvent.StepDone) e).logWeights())
                .findFirst()
                .orElseThrow();
        logWeights[0] = Double.longBitsToDouble(Double.doubleToRawLongBits(logWeights[0]) ^ 1);
        assertTrue(!same(run, other));
    }

    @Test
    void aRunCutAnywhereReplaysItsWholeLines() throws IOException {
        var live = RandomRun.of(7);
        var file = log(live);
        var bytes = Files.readAllBytes(file);
        for (int length = EventLog.HEADER.length() + 1; length < bytes.length; length++) {
            var whole = java.util.Arrays.copyOf(bytes, length);
            Files.write(file, whole);
            int lines = (int) new String(whole, StandardCharsets.ISO_8859_1)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            var heard = new ArrayList<RunEvent>();
            var replay = EventLog.replay(file, heard::add);
            assertEquals(lines - 1, heard.size());
            assertEquals(whole[length - 1] != '\n', replay.torn());
            assertTrue(same(live.subList(0, lines - 1), heard));
        }
    }

    @Test
    void aLogGoesOnWhereItWas() throws IOException {
        var live = RandomRun.of(11);
        var file = log(live);
        var whole = Files.readAllBytes(file);
        Files.delete(file);
        long position;
        try (var log = EventLog.create(file)) {
            live.subList(0, 3).forEach(log::on);
            var until = new AtomicLong();
            log.then(until::set);
            log.on(live.get(3));
            log.await();
            position = until.get();
        }
        Files.writeString(file, Files.readString(file) + "{\"type\":\"Ste");
        try (var log = EventLog.resume(file, position)) {
            live.subList(3, live.size()).forEach(log::on);
        }
        assertEquals(new String(whole, StandardCharsets.UTF_8), Files.readString(file));
        assertThrows(CorruptRecordException.class, () -> EventLog.resume(file, whole.length + 1L));
        assertThrows(CorruptRecordException.class, () -> EventLog.resume(file, -1));
    }

    @Test
    void whatFailsBesideTheEventsIsReportedAsTheyAre() {
        var live = RandomRun.of(11);
        var log = EventLog.create(folder.resolve("failing.jsonl"));
        log.on(live.get(0));
        log.then(position -> {
            throw new TillerException("no space for the state");
        });
        assertEquals(
                "no space for the state",
                assertThrows(TillerException.class, log::await).getMessage());
        assertThrows(TillerException.class, () -> log.on(live.get(1)));
        assertThrows(TillerException.class, log::close);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"Teleported\",\"step\":0}|is of type 'Teleported', which this version",
                "{\"step\":0}|has no 'type'",
                "{\"type\":\"Warned\",\"step\":0,\"slot\":null,\"message\":\"m\",\"mood\":1}|has a field 'mood'",
                "{\"type\":\"Warned\",\"step\":0,\"slot\":null,\"message\":null}|has no value for 'message'",
                "{\"type\":\"Warned\",\"step\":0.5,\"slot\":null,\"message\":\"m\"}|is not readable",
                "{\"type\":\"Warned\",\"step\":0,\"slot\":99,\"message\":\"m\"}|warns of slot 99",
                "{\"type\":\"Expanded\",\"step\":0,\"parents\":[0,-1]}|names slot -1",
                "{\"type\":\"Expanded\",\"step\":3,\"parents\":[0]}|has step 3 where 0 belongs",
                "{\"type\":\"Previewed\",\"step\":0,\"slot\":0,\"sha256\":\"../x\",\"stage\":\"CLEAN\"}|not a SHA-256",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[[1.0],[1.0,2.0],[]]}|has a sketch of 2 numbers among",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[null,[],[]]}|has a particle without a sketch",
                "{\"type\":\"Located\",\"step\":0,\"sketches\":[]}|has 0 values for",
                "{\"type\":\"Located\",\"step\":1,\"sketches\":[]}|has step 1 where 0 belongs",
                "not json at all|is not readable",
                "{}{}|has no 'type'",
                "|is not readable"
            })
    void aCorruptLineIsNamed(String lineAndProblem) throws IOException {
        int bar = lineAndProblem.lastIndexOf('|');
        var file = log(RandomRun.of(3).subList(0, 1));
        Files.writeString(file, Files.readString(file) + lineAndProblem.substring(0, bar) + "\n");
        var error = assertThrows(CorruptRecordException.class, () -> replay(file));
        assertEquals(3, error.line());
        assertTrue(error.getMessage().startsWith("Line 3 of the event log"), error.getMessage());
        assertTrue(error.getMessage().contains(lineAndProblem.substring(bar + 1)), error.getMessage());
    }

    @Test
    void otherVersionsAndFilesAreRefusedByName() throws IOException {
        var file = log(RandomRun.of(3));
        var text = Files.readString(file);
        Files.writeString(file, text.replace("\"version\":1", "\"version\":2"));
        var newer = assertThrows(TillerException.class, () -> replay(file));
        assertTrue(newer.getMessage().contains("is of version 2"), newer.getMessage());
        Files.writeString(file, "");
        assertThrows(CorruptRecordException.class, () -> replay(file));
        Files.write(file, new byte[] {(byte) 0xC3, 0x28, '\n'});
        assertThrows(CorruptRecordException.class, () -> replay(file));
        assertThrows(TillerException.class, () -> replay(folder.resolve("none")));
        assertThrows(TillerException.class, () -> EventLog.create(file));
    }

    @Test
    void eventsOutOfOrderAreRefused() throws IOException {
        var run = RandomRun.of(4);
        for (var wrong : List.of(
                run.subList(1, run.size()),
                List.of(run.get(0), run.get(0)),
                List.of(run.get(0), run.get(run.size() - 1), run.get(run.size() - 1)))) {
            var file = log(wrong);
            assertThrows(CorruptRecordException.class, () -> replay(file));
            Files.delete(file);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new EventOrder().on(new RunStarted(((RunStarted) run.get(0)).manifest(), 0, 1)));
    }

    @Test
    void placesAreToldOnceAStep() {
        var manifest = ((RunStarted) RandomRun.of(4).get(0)).manifest();
        var told = new Located(0, new double[][] {{1}});
        var done = new StepDone(0, new double[1], 1, 0, Cost.NONE);
        for (var wrong : List.of(List.of(told, told), List.of(told, done, told), List.of(done, told, told))) {
            var order = new EventOrder();
            order.on(new RunStarted(manifest, 2, 1));
            var last = wrong.get(wrong.size() - 1);
            wrong.subList(0, wrong.size() - 1).forEach(order::on);
            assertThrows(IllegalArgumentException.class, () -> order.on(last));
        }
    }

    /** Equal to the last bit; numbers of a plan are equal whatever their boxes. */
    static boolean same(Object a, Object b) {
        if (a == null || b == null) {
            return a == b;
        }
        if (a.getClass().isRecord()) {
            return a.getClass() == b.getClass()
                    && List.of(a.getClass().getRecordComponents()).stream().allMatch(c -> {
                        try {
                            c.getAccessor().setAccessible(true);
                            return same(
                                    c.getAccessor().invoke(a), c.getAccessor().invoke(b));
                        } catch (ReflectiveOperationException e) {
                            throw new LinkageError(e.getMessage(), e);
                        }
                    });
        }
        if (a.getClass().isArray()) {
            return Array.getLength(a) == Array.getLength(b)
                    && IntStream.range(0, Array.getLength(a)).allMatch(i -> same(Array.get(a, i), Array.get(b, i)));
        }
        if (a instanceof List<?> list && b instanceof List<?> other) {
            return list.size() == other.size()
                    && IntStream.range(0, list.size()).allMatch(i -> same(list.get(i), other.get(i)));
        }
        if (a instanceof Map<?, ?> map && b instanceof Map<?, ?> other) {
            return same(new ArrayList<>(map.keySet()), new ArrayList<>(other.keySet()))
                    && same(new ArrayList<>(map.values()), new ArrayList<>(other.values()));
        }
        if (a instanceof Number x && b instanceof Number y && !(a instanceof Double)) {
            return x.longValue() == y.longValue();
        }
        return Objects.equals(a, b);
    }
}
