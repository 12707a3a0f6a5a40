// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a model's folder by what the user calls it: the name of an embedded model ({@code scenes}), a folder on disk, or
 * the {@code organisation/name} of a model that is in the Hugging Face hub cache. Nothing is downloaded.
 *
 * <p>An embedded model is a folder like any other once found. Where it lies in a jar it is unpacked, once, into the
 * user's cache folder.
 */
public final class ModelLocator {
    private final Path cache;
    private final Path hub;
    private final List<Path> roots;
    private final Map<String, Path> unpacked = new ConcurrentHashMap<>();

    /**
     * @param cache where embedded models are unpacked to
     * @param hub the hub's cache, with folders {@code models--organisation--name}; need not exist
     * @param roots folders whose sub-folders are models
     */
    public ModelLocator(Path cache, Path hub, List<Path> roots) {
        this.cache = cache;
        this.hub = hub;
        this.roots = List.copyOf(roots);
    }

    /** The usual places, as the environment names them: XDG_CACHE_HOME, HF_HOME, HF_HUB_CACHE, TILLER_MODELS. */
    public static ModelLocator ofEnvironment(Map<String, String> environment) {
        var hub = Caches.named(environment, "HF_HUB_CACHE")
                .orElseGet(() -> Caches.named(environment, "HF_HOME")
                        .orElse(Caches.of(environment).resolve("huggingface"))
                        .resolve("hub"));
        var roots = environment.containsKey("TILLER_MODELS")
                ? Stream.of(environment.get("TILLER_MODELS").split(java.io.File.pathSeparator, -1))
                        .filter(p -> !p.isBlank())
                        .map(Path::of)
                        .toList()
                : List.<Path>of();
        return new ModelLocator(Caches.ofTiller(environment).resolve("models"), hub, roots);
    }

    /**
     * The folder of a model.
     *
     * @throws TillerException if there is none of that name; the message lists where was looked
     */
    public Path locate(String name) {
        var embedded = embedded().get(name);
        if (embedded != null) {
            return unpacked(name, embedded);
        }
        var folder = Path.of(name);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        for (var root : roots) {
            if (Files.isDirectory(root.resolve(name))) {
                return root.resolve(name);
            }
        }
        var snapshot = hubSnapshot(name);
        if (snapshot != null) {
            return snapshot;
        }
        throw new TillerException(
                "No model '" + name + "': it is neither embedded (" + String.join(", ", embeddedNames())
                        + "), nor a folder, nor in TILLER_MODELS, nor in the hub cache " + hub + ".");
    }

    /** The names of the embedded models, sorted. */
    public List<String> embeddedNames() {
        return List.copyOf(embedded().keySet());
    }

    /** The folders that are searched for models by name, whether they exist or not. */
    public List<Path> places() {
        var places = new ArrayList<>(roots);
        places.add(hub);
        places.add(cache);
        return Collections.unmodifiableList(places);
    }

    /** Every model there is to be found by name: name to folder (for embedded ones, once unpacked). */
    public Map<String, Path> list() {
        var found = new TreeMap<String, Path>();
        for (var name : embeddedNames()) {
            found.put(name, locate(name));
        }
        for (var root : roots) {
            for (var folder : folders(root)) {
                found.putIfAbsent(folder.getFileName().toString(), folder);
            }
        }
        for (var folder : folders(hub)) {
            var parts = folder.getFileName().toString().split("--", -1);
            if (parts.length == 3 && parts[0].equals("models")) {
                var snapshot = hubSnapshot(parts[1] + "/" + parts[2]);
                if (snapshot != null) {
                    found.putIfAbsent(parts[1] + "/" + parts[2], snapshot);
                }
            }
        }
        return found;
    }

    private static List<Path> folders(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (var children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new TillerException("Cannot read the folder " + parent + ": " + e.getMessage() + ".", e);
        }
    }

    /** The snapshot that {@code refs/main} names, or the newest one; null if there is none. */
    private @Nullable Path hubSnapshot(String name) {
        if (!name.matches("[\\w.-]+/[\\w.-]+")) {
            return null;
        }
        var repository = hub.resolve("models--" + name.replace("/", "--"));
        var main = repository.resolve("refs").resolve("main");
        var snapshots = repository.resolve("snapshots");
        try {
            if (Files.isRegularFile(main)) {
                // It is empty where a download was broken off.
                var commit = Files.readString(main).strip();
                var snapshot = snapshots.resolve(commit);
                if (!commit.isEmpty() && Files.isDirectory(snapshot)) {
                    return snapshot;
                }
            }
        } catch (IOException e) {
            throw new TillerException("Cannot read " + main + ": " + e.getMessage() + ".", e);
        }
        return folders(snapshots).stream()
                .max(Comparator.comparingLong(p -> p.toFile().lastModified()))
                .orElse(null);
    }

    private static Map<String, String> embedded() {
        var names = new TreeMap<String, String>();
        try {
            for (var url : Collections.list(
                    ModelLocator.class.getClassLoader().getResources("META-INF/tiller/models.properties"))) {
                var properties = new Properties();
                try (InputStream in = url.openStream()) {
                    properties.load(in);
                }
                properties.stringPropertyNames().forEach(n -> names.put(n, properties.getProperty(n)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /** Where an embedded model lies; what is in a jar is read once, to compare it with what was unpacked from it. */
    private Path unpacked(String name, String resource) {
        return unpacked.compute(
                name, (n, known) -> known != null && Files.isDirectory(known) ? known : unpack(n, resource));
    }

    private Path unpack(String name, String resource) {
        URL url = ModelLocator.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new TillerException("The embedded model '" + name + "' is missing from this build; build again.");
        }
        try {
            var uri = url.toURI();
            return uri.getScheme().equals("file") ? Path.of(uri) : unpack(jarOf(url), resource);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new TillerException(
                    "Cannot unpack the embedded model '" + name + "' into " + cache + ": " + e.getMessage()
                            + ". Set XDG_CACHE_HOME to a folder that can be written.",
                    e);
        }
    }

    private static Path jarOf(URL entry) throws IOException, URISyntaxException {
        return Path.of(
                ((JarURLConnection) entry.openConnection()).getJarFileURL().toURI());
    }

    private Path unpack(Path jar, String resource) throws IOException {
        // By its path: by its address there is one file system for all of a process, which others may have open.
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            var source = zip.getPath(resource);
            List<Path> files;
            try (var walk = Files.walk(source)) {
                files = walk.filter(Files::isRegularFile)
                        .sorted(Comparator.comparing(Path::toString))
                        .toList();
            }
            // It lies in a folder named by the contents: an older build's copy is never taken for this one's.
            // Its own name is that in the build, since plans name files of weights by it.
            var digest = sha256();
            for (var file : files) {
                digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
            var stamp = HexFormat.of().formatHex(digest.digest(), 0, 8);
            var target = cache.resolve(stamp).resolve(source.getFileName().toString());
            if (!Files.isDirectory(target)) {
                copy(source, files, target);
            }
            return target;
        }
    }

    private void copy(Path source, List<Path> files, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        var draft = Files.createTempDirectory(cache, "unpacking");
        for (var file : files) {
            var copy = draft.resolve(source.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            // Another process was quicker, and its contents are the same.
            try (var walk = Files.walk(draft)) {
                for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
