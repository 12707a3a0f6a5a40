// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The folder of one run. A file appears there under its name whole or not at all, and nothing is written outside.
 *
 * <pre>
 * manifest.json   events.jsonl   pictures/SHA256.png   and what else the run makes
 * </pre>
 */
public final class RunFolder {
    /** Not a temporary file of the JDK's: those cannot be read by others. */
    private static final String DRAFT = ".draft-";

    /** What {@link #replace} deletes: a folder may hold a user's own files too. */
    private static final Pattern WRITTEN_BY_RUNS = Pattern.compile("(unsteered/)?("
            + "manifest\\.json|events\\.jsonl|timing\\.json|(state|seen)\\.safetensors|report\\.html"
            + "|states|states/\\d{4,}\\.safetensors"
            + "|contact-sheet\\.png|\\d{4,}\\.png|pictures|pictures/[0-9a-f]{64}\\.png"
            + "|((pictures|states)/)?\\.draft-[^/]*)|unsteered");

    private final Path path;

    private RunFolder(Path path) {
        this.path = path;
    }

    /**
     * A folder for a new run: made if it is not there, taken if it is empty.
     *
     * @throws TillerException if it holds anything, is a file or cannot be written to
     */
    public static RunFolder create(Path path) {
        requireFolder(path);
        try {
            Files.createDirectories(path);
            try (var entries = Files.list(path)) {
                if (entries.anyMatch(file -> !file.endsWith(FolderLock.NAME))) {
                    throw new TillerException("The folder " + path
                            + " is not empty; choose another --out, continue its run with --resume, or replace"
                            + " it with --force.");
                }
            }
        } catch (IOException e) {
            throw Disk.problem("make the folder", path, e);
        }
        return writable(path);
    }

    /**
     * A folder for a new run, in place of the one that is there: what a run writes is deleted, nothing else.
     *
     * @throws TillerException if it holds something but no run, is a file or cannot be written to
     */
    public static RunFolder replace(Path path) {
        requireFolder(path);
        if (!Files.isRegularFile(path.resolve("manifest.json"))) {
            return create(path);
        }
        ManifestFile.read(path.resolve("manifest.json"));
        var folder = writable(path);
        folder.clear();
        return folder;
    }

    /**
     * The folder of a run that was begun.
     *
     * @throws TillerException if it is not there or cannot be written to
     */
    public static RunFolder open(Path path) {
        if (!Files.exists(path)) {
            throw new TillerException("There is no folder " + path + ".");
        }
        requireFolder(path);
        return writable(path);
    }

    static void requireFolder(Path path) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(path)) {
            throw new TillerException(path + " is a file, not a folder; choose another --out.");
        }
    }

    private static RunFolder writable(Path path) {
        try {
            var probe = path.resolve(DRAFT + "probe");
            Files.write(probe, new byte[1]);
            Files.delete(probe);
        } catch (IOException e) {
            throw Disk.problem("write in the folder", path, e);
        }
        return new RunFolder(path);
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** A file's path, whether it exists or not. */
    public Path resolve(String name) {
        var file = path.resolve(name).normalize();
        if (!file.startsWith(path.normalize()) || file.equals(path.normalize())) {
            throw new IllegalArgumentException(name + " is not in the folder of the run");
        }
        return file;
    }

    /** Writes a file at once; one of that name is replaced. */
    public Path write(String name, byte[] bytes) {
        var file = resolve(name);
        try {
            Files.createDirectories(file.resolveSibling(""));
            var draft = file.resolveSibling(DRAFT + file.getFileName());
            try {
                Files.write(draft, bytes);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
            return file;
        } catch (IOException e) {
            throw Disk.problem("write", file, e);
        }
    }

    /** The same, of text in UTF-8. */
    public Path write(String name, String text) {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Keeps a picture under the SHA-256 of its file, and says it; one that is there stays, unless it was damaged. */
    public String keep(byte[] png) {
        var sha256 = sha256(png);
        var name = pictureName(sha256);
        if (picture(sha256).isEmpty()) {
            write(name, png);
        }
        return sha256;
    }

    /** A picture's file; empty if it is not there or is not what its name says. */
    public Optional<byte[]> picture(String sha256) {
        return pictureIn(path, sha256);
    }

    /** As {@link #picture}, in a folder that is only read. */
    public static Optional<byte[]> pictureIn(Path folder, String sha256) {
        var file = folder.resolve(pictureName(sha256));
        if (!sha256.matches("[0-9a-f]{64}") || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readAllBytes(file))
                    .filter(bytes -> sha256(bytes).equals(sha256));
        } catch (IOException e) {
            throw Disk.problem("read", file, e);
        }
    }

    /** The name in the folder of a picture. */
    public static String pictureName(String sha256) {
        return "pictures/" + sha256 + ".png";
    }

    /** 64 lower-case hexadecimal digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Deletes what a run writes, and nothing else. */
    public void clear() {
        try (var walk = Files.walk(path)) {
            var files = walk.sorted(Comparator.reverseOrder()).toList();
            for (var file : files) {
                var name = path.relativize(file).toString().replace('\\', '/');
                if (WRITTEN_BY_RUNS.matcher(name).matches()) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            throw Disk.problem("empty the folder", path, e);
        }
    }

    /** A folder in which something else is left stays. */
    private static void delete(Path file) throws IOException {
        try {
            Files.delete(file);
        } catch (DirectoryNotEmptyException e) {
            // A user's own file is in it.
        }
    }

    /** Removes what a killed process left half-written. */
    public void removeDrafts() {
        try (var walk = Files.walk(path)) {
            for (var draft : walk.filter(p -> p.getFileName().toString().startsWith(DRAFT))
                    .toList()) {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw Disk.problem("tidy the folder", path, e);
        }
    }
}
