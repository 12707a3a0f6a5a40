// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
            var known = KNOWN.get(version);
            if (known == null) {
                known = read(file);
                KNOWN.put(version, known);
            }
            return known;
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + " to work out its digest; does it exist?", e);
        }
    }

    private static String read(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
