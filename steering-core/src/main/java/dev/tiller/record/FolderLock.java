// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * One process at a time works in a folder. The operating system holds the lock, so that one that was killed leaves none; the
 * file {@code .lock} says who it is, and goes when the work is done.
 */
public final class FolderLock implements AutoCloseable {
    static final String NAME = ".lock";

    /** Where the lock is, past the text: on Windows nobody else may read what is locked. */
    private static final long POSITION = Long.MAX_VALUE - 1;

    /** The folders that this process has locked. To look at their files would unlock them, as POSIX has it. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final boolean made;
    private final Path file;
    private final FileChannel channel;

    private FolderLock(Path folder, boolean made, Path file, FileChannel channel) {
        this.folder = folder;
        this.made = made;
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock, and makes the folder if it is not there.
     *
     * @throws TillerException if another process has it, or the folder cannot be written to
     */
    public static FolderLock take(Path folder) {
        RunFolder.requireFolder(folder);
        Path real;
        boolean made = !Files.exists(folder);
        try {
            Files.createDirectories(folder);
            real = folder.toRealPath();
        } catch (IOException e) {
            throw Disk.problem("make the folder", folder, e);
        }
        if (!OURS.add(real)) {
            throw taken(folder, "process " + ProcessHandle.current().pid());
        }
        try {
            return take(folder, real, made);
        } catch (RuntimeException e) {
            OURS.remove(real);
            throw e;
        }
    }

    private static FolderLock take(Path folder, Path real, boolean made) {
        var file = folder.resolve(NAME);
        // Of a length of its own: POSIX drops the lock when its process closes any other descriptor of the file, so it
        // cannot be read to see whether it is still the one that was locked; its size can be asked.
        var owner = "process " + ProcessHandle.current().pid() + "," + " ".repeat((int) (System.nanoTime() & 0xfff));
        try {
            while (true) {
                var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                try {
                    if (channel.tryLock(POSITION, 1, false) == null) {
                        throw taken(folder, Files.readString(file).replaceAll(",.*", ""));
                    }
                    channel.truncate(0).write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
                    if (Files.size(file) == owner.length()) {
                        return new FolderLock(real, made, file, channel);
                    }
                    // Its holder deleted the file before this one was locked; the next has another.
                    channel.close();
                } catch (OverlappingFileLockException e) {
                    channel.close();
                    throw taken(folder, "process " + ProcessHandle.current().pid());
                } catch (NoSuchFileException e) {
                    channel.close();
                } catch (IOException | RuntimeException e) {
                    channel.close();
                    throw e;
                }
            }
        } catch (IOException e) {
            throw Disk.problem("write in the folder", folder, e);
        }
    }

    /** Does something while the folder is locked; as {@link #take}. */
    public static <T> T holding(Path folder, Supplier<T> work) {
        var lock = take(folder);
        try {
            return work.get();
        } finally {
            lock.close();
        }
    }

    private static TillerException taken(Path folder, String owner) {
        return new TillerException("Another Tiller is at work in the folder " + folder + " (" + owner
                + "); wait for it, or choose another --out.");
    }

    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(file);
            if (made) {
                deleteEmpty(folder);
            }
        } catch (IOException e) {
            throw Disk.problem("unlock the folder of", file, e);
        } finally {
            OURS.remove(folder);
        }
    }

    /** What failed before it had written anything leaves nothing. */
    private static void deleteEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // Work was done.
        }
    }
}
