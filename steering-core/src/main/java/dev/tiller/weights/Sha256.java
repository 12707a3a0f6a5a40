// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;

/** The SHA-256 digest of files; each is read once in the life of the process, unless it changes. */
public final class Sha256 {
    private static final Map<Version, String> KNOWN = new ConcurrentHashMap<>();

    private Sha256() {}

    /** A file as long as nobody writes to it. */
    private record Version(Path file, long size, FileTime modified) {}

    /**
     * The digest of a file of any size, in 64 lower-case hexadecimal digits.
     *
     * @throws TillerException if the file cannot be read
     */
    public static String of(Path file) {
        try {
            var version = new Version(file.toRealPath(), Files.size(file), Files.getLastModifiedTime(file));
            return KNOWN.computeIfAbsent(version, v -> read(v.file()));
        } catch (IOException | UncheckedIOException e) {
            throw new TillerException("Cannot read " + file + " to work out its digest; does it exist?", e);
        }
    }

    /**
     * Begins to read files on another thread, for those who will ask {@link #of}, and who wait then for what is not done. What
     * cannot be read is told to them.
     */
    public static void ahead(Supplier<List<Path>> files) {
        ForkJoinPool.commonPool().execute(() -> {
            try {
                files.get().forEach(Sha256::of);
            } catch (TillerException e) {
                // Whoever asks is told the same again.
            }
        });
    }

    private static String read(Path file) {
        try (var in = Files.newInputStream(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
