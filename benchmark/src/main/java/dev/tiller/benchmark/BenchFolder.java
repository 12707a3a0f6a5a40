// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.record.FolderLock;
import dev.tiller.record.RunFolder;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a benchmark:
 *
 * <pre>
 * plan.json   units/RECIPE.json   pictures/SHA256.png   report.html   and what else is made of them
 * </pre>
 *
 * A unit is there whole or not at all, and its picture before it. One process at a time works in a folder.
 */
public final class BenchFolder implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PLAN = "plan.json";
    private static final String UNITS = "units";

    private final RunFolder folder;
    /** Null where it is only read. */
    private final @Nullable FolderLock lock;

    private BenchFolder(RunFolder folder, @Nullable FolderLock lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * The folder for a plan: made if it is not there, gone on with if it is of the same plan.
     *
     * @param plan as JSON
     * @throws TillerException if it is of another plan, holds something else, or another process works in it
     */
    public static BenchFolder open(Path path, JsonNode plan) {
        var lock = FolderLock.take(path);
        try {
            if (!Files.exists(path.resolve(PLAN))) {
                var folder = RunFolder.create(path);
                folder.write(PLAN, plan.toPrettyString() + "\n");
                return new BenchFolder(folder, lock);
            }
            var opened = new BenchFolder(RunFolder.open(path), lock);
            var differences = BenchPlan.differences(read(path.resolve(PLAN)), plan);
            if (!differences.isEmpty()) {
                throw new TillerException("The folder " + path + " is of another benchmark: "
                        + String.join("; ", differences.subList(0, Math.min(8, differences.size())))
                        + (differences.size() > 8 ? " and " + (differences.size() - 8) + " more" : "")
                        + ". Choose the same plan, or another --out; with --reuse " + path
                        + " it takes over what is the same.");
            }
            opened.folder.removeDrafts();
            return opened;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * The folder of a benchmark that was begun, to write its report.
     *
     * @throws TillerException if there is none, or another process works in it
     */
    public static BenchFolder open(Path path) {
        requireBegun(path);
        return new BenchFolder(RunFolder.open(path), FolderLock.take(path));
    }

    /**
     * The same to be looked at only, whoever works in it meanwhile, and where nothing can be written.
     *
     * @throws TillerException if there is none
     */
    public static BenchFolder reading(Path path) {
        requireBegun(path);
        return new BenchFolder(RunFolder.open(path), null);
    }

    private static void requireBegun(Path path) {
        if (!Files.isRegularFile(path.resolve(PLAN))) {
            throw new TillerException("There is no benchmark in " + path + ".");
        }
    }

    /** A folder for the plan that another folder holds. */
    public static BenchFolder copyOf(Path other, Path path) {
        try (var source = reading(other)) {
            return open(path, source.planJson());
        }
    }

    public Path path() {
        return folder.path();
    }

    RunFolder files() {
        return folder;
    }

    /** The plan as JSON. */
    JsonNode planJson() {
        return read(folder.resolve(PLAN));
    }

    /** The plan. */
    public BenchPlan plan() {
        return BenchPlan.ofJson(planJson(), folder.resolve(PLAN).toString());
    }

    /** A unit that is done, its picture with it, and neither was damaged since. */
    public Optional<UnitRecord> find(String recipe) {
        var file = unitFile(recipe);
        try {
            return Optional.of(file)
                    .filter(Files::isRegularFile)
                    .map(BenchFolder::unit)
                    .filter(unit -> folder.picture(unit.picture()).isPresent());
        } catch (TillerException e) {
            return Optional.empty(); // The unit cannot be read: it is made again.
        }
    }

    /** Whether a unit is {@linkplain #find there}. */
    public boolean has(String recipe) {
        return find(recipe).isPresent();
    }

    /**
     * Keeps a unit, its picture first; one that is there already stays as it is.
     *
     * @param png the picture's file
     */
    public void add(UnitRecord unit, byte[] png) {
        if (!has(unit.recipe())) {
            folder.keep(png);
            folder.write(UNITS + "/" + unit.recipe() + ".json", unit.toJson() + "\n");
        }
    }

    /** All units that are done, in the order of their recipes. */
    List<UnitRecord> units() {
        var units = new ArrayList<UnitRecord>();
        if (!Files.isDirectory(folder.resolve(UNITS))) {
            return units;
        }
        try (var files = Files.list(folder.resolve(UNITS))) {
            for (var file : files.filter(f -> f.getFileName().toString().matches("[0-9a-f]{64}\\.json"))
                    .sorted()
                    .toList()) {
                units.add(unit(file));
            }
            return units;
        } catch (IOException e) {
            throw new TillerException("Cannot list " + folder.resolve(UNITS) + ": " + e.getMessage() + ".", e);
        }
    }

    private static UnitRecord unit(Path file) {
        try {
            return Optional.ofNullable(UnitRecord.ofJson(Files.readString(file)))
                    .orElseThrow(() -> new IOException("null"));
        } catch (IOException e) {
            throw new TillerException(
                    "The unit " + file + " is damaged; run the benchmark again, which makes it anew.", e);
        }
    }

    private Path unitFile(String recipe) {
        return folder.resolve(UNITS + "/" + recipe + ".json");
    }

    /** A unit's picture as a file. */
    byte[] picture(UnitRecord unit) {
        return Optional.of(unit.picture())
                .flatMap(folder::picture)
                .orElseThrow(() ->
                        new TillerException("The picture " + RunFolder.pictureName(unit.picture()) + " is missing from "
                                + folder.path() + " or damaged; run the benchmark again, which makes it anew."));
    }

    /** Takes over the units of another folder of the same plan that this one lacks. */
    public void take(BenchFolder other) {
        var differences = BenchPlan.differences(planJson(), other.planJson());
        if (!differences.isEmpty()) {
            throw new TillerException("The folder " + other.path() + " is of another benchmark than " + path() + ": "
                    + String.join("; ", differences) + ".");
        }
        for (var unit : other.units()) {
            if (!has(unit.recipe())) {
                add(unit, other.picture(unit));
            }
        }
    }

    /**
     * Takes over units of another folder, of whatever plan, that are the same in all they depend on.
     *
     * @param recipes of those that are wanted
     * @return how many were taken
     */
    public int reuse(BenchFolder other, Collection<String> recipes) {
        int taken = 0;
        for (var recipe : recipes) {
            var unit = has(recipe) ? Optional.<UnitRecord>empty() : other.find(recipe);
            if (unit.isPresent()) {
                add(unit.get(), other.picture(unit.get()));
                taken++;
            }
        }
        return taken;
    }

    private static JsonNode read(Path file) {
        try {
            var plan = JSON.readTree(Files.readString(file));
            if (plan.isObject()) {
                return plan;
            }
            throw new IOException("no object");
        } catch (IOException e) {
            throw new TillerException("The plan " + file + " is damaged; choose another --out.", e);
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
    }
}
