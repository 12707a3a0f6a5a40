// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Disk;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunListener;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of a run as JSON lines: a header that names format and version, then one event a line. A thread of
 * the log's own writes them in order, at most some {@value #DELAY_MILLIS} milliseconds later, so that the run waits neither
 * for the disk nor to wake that thread. A killed run loses at most what was not yet written, and a torn line is cut off when
 * the log is read or continued. A disk that fails is reported by the event after it, by {@link #await()} or by {@link
 * #close()}, whichever is first.
 *
 * <p>Live and replay are one path: a listener hears the same from {@link #replay} as it heard from the run.
 */
public final class EventLog implements RunListener, AutoCloseable {
    static final String HEADER = "{\"format\":\"tiller-events\",\"version\":1}";
    private static final int LONGEST_LINE = 64 << 20;
    private static final int DELAY_MILLIS = 20;

    private record Header(String format, int version) {}

    private final Path file;
    private final FileChannel channel;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "event-log");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable TillerException failure;

    private EventLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
        var unused = writer.scheduleWithFixedDelay(this::writeAll, DELAY_MILLIS, DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A new log; the file must not exist. */
    public static EventLog create(Path file) {
        try {
            var log =
                    new EventLog(file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            log.append(HEADER);
            return log;
        } catch (IOException e) {
            throw Disk.problem("write the event log", file, e);
        }
    }

    /**
     * A log to go on with: what follows the first {@code bytes} is cut off.
     *
     * @param bytes a position of that log, as {@link #then} gives it
     */
    public static EventLog resume(Path file, long bytes) {
        try {
            var channel = FileChannel.open(file, StandardOpenOption.WRITE);
            if (bytes < 0 || channel.size() < bytes) {
                channel.close();
                throw new CorruptRecordException("The event log " + file + " is shorter than it was.", 0);
            }
            channel.truncate(bytes).position(bytes);
            return new EventLog(file, channel);
        } catch (IOException e) {
            throw Disk.problem("continue the event log", file, e);
        }
    }

    @Override
    public void on(RunEvent event) {
        requireWritten();
        waiting.add(() -> guarded(() -> append(EventJson.write(event))));
    }

    private void writeAll() {
        for (var next = waiting.poll(); next != null; next = waiting.poll()) {
            next.run();
        }
    }

    private interface Writing {
        void write() throws IOException;
    }

    private void guarded(Writing work) {
        if (failure == null) {
            try {
                work.write();
            } catch (IOException e) {
                failure = Disk.problem("write the event log", file, e);
            } catch (TillerException e) {
                failure = e;
            } catch (RuntimeException e) {
                failure = new TillerException("Cannot write the event log " + file + ": " + e.getMessage() + ".", e);
            }
        }
    }

    /**
     * Does something on the log's thread as soon as all events until now are written, and before any later one is: writes
     * a state that belongs to them. What it throws is reported as a disk that fails is.
     *
     * @param work is given the bytes of the log until now: where {@link #resume} may go on
     */
    public void then(LongConsumer work) {
        requireWritten();
        waiting.add(() -> guarded(() -> work.accept(channel.position())));
    }

    private void requireWritten() {
        var problem = failure;
        if (problem != null) {
            throw new TillerException(String.valueOf(problem.getMessage()), problem);
        }
    }

    private void append(String line) throws IOException {
        var bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Returns when all events until now are written, and what was to be done {@link #then}.
     *
     * @throws TillerException if something could not be written
     */
    public void await() {
        try {
            writer.submit(this::writeAll).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TillerException("Interrupted while the event log " + file + " was written.", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        requireWritten();
    }

    /** Returns when all is written. */
    @Override
    public void close() {
        writer.execute(this::writeAll);
        writer.shutdown();
        boolean interrupted = false;
        while (!writer.isTerminated()) {
            try {
                writer.awaitTermination(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw Disk.problem("write the event log", file, e);
        }
        requireWritten();
    }

    /**
     * What was found in a log.
     *
     * @param events how many were replayed
     * @param ended whether the run came to its end
     * @param torn whether the last line was incomplete, and was left out
     */
    public record Replay(int events, boolean ended, boolean torn) {}

    /**
     * Feeds a log's events to a listener, in order and checked.
     *
     * @throws CorruptRecordException if a line is not an event of this version, or is not in its place
     */
    public static Replay replay(Path file, RunListener listener) {
        var order = new EventOrder();
        int number = 0;
        try (var lines = new Lines(Files.newInputStream(file))) {
            while (lines.next()) {
                number++;
                take(file, number, lines, order, listener);
            }
            if (lines.tooLong()) {
                throw corrupt(file, number + 1, "is longer than any event");
            }
            if (number == 0) {
                throw new CorruptRecordException("The event log " + file + " is empty.", 0);
            }
            return new Replay(number - 1, order.ended(), lines.left() > 0);
        } catch (IOException e) {
            throw Disk.problem("read the event log", file, e);
        }
    }

    private static void take(Path file, int number, Lines lines, EventOrder order, RunListener listener) {
        RunEvent event;
        try {
            if (number == 1) {
                requireKnown(file, lines.text());
                return;
            }
            var usual = EventJson.read(lines.bytes(), lines.from(), lines.to());
            event = usual != null ? usual : RecordJson.read(lines.text(), RunEvent.class);
            order.on(event);
        } catch (IllegalArgumentException e) {
            throw corrupt(file, number, e.getMessage());
        } catch (CharacterCodingException e) {
            throw corrupt(file, number, "is not UTF-8");
        }
        listener.on(event);
    }

    /** Lines of bytes, each until its newline. */
    private static final class Lines implements AutoCloseable {
        private final InputStream in;
        private byte[] bytes = new byte[1 << 18];
        private int from;
        private int to = -1;
        private int filled;

        Lines(InputStream in) {
            this.in = in;
        }

        /** Goes to the next line; false where there is none that is whole. */
        boolean next() throws IOException {
            from = to + 1;
            for (int at = from; ; ) {
                for (; at < filled; at++) {
                    if (bytes[at] == '\n') {
                        to = at;
                        return true;
                    }
                }
                int kept = filled - from;
                if (kept > LONGEST_LINE) {
                    return false;
                }
                if (from > 0) {
                    System.arraycopy(bytes, from, bytes, 0, kept);
                } else if (filled == bytes.length) {
                    bytes = Arrays.copyOf(bytes, 2 * bytes.length);
                }
                at -= from;
                from = 0;
                filled = kept;
                int read = in.read(bytes, filled, bytes.length - filled);
                if (read < 0) {
                    return false;
                }
                filled += read;
            }
        }

        byte[] bytes() {
            return bytes;
        }

        int from() {
            return from;
        }

        int to() {
            return to;
        }

        /** How many bytes come after the last newline; to be asked at the end. */
        int left() {
            return filled - from;
        }

        boolean tooLong() {
            return left() > LONGEST_LINE;
        }

        /** A new decoder reports what is malformed; String's constructor would replace it. */
        String text() throws CharacterCodingException {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private static void requireKnown(Path file, String line) {
        var header = RecordJson.read(line, Header.class);
        if (!header.format().equals("tiller-events")) {
            throw new IllegalArgumentException("says that the format is '" + header.format() + "'");
        }
        if (header.version() != 1) {
            throw new TillerException("The event log " + file + " is of version " + header.version()
                    + ", this Tiller reads version 1; use the Tiller that wrote it.");
        }
    }

    private static CorruptRecordException corrupt(Path file, int line, @Nullable String problem) {
        return new CorruptRecordException("Line " + line + " of the event log " + file + " " + problem + ".", line);
    }
}
