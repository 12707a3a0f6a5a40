// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.record.RunMarks;
import dev.tiller.run.TillerException;
import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The index of runs, in SQLite. Everything in it was read from the runs' folders: where it is lost or damaged, the next
 * {@link #scan} makes it again. May be used by several threads, and by several processes; a scan lets the others in between.
 */
public final class Gallery implements AutoCloseable {
    /** Folders read between two turns of other threads. */
    private static final int BATCH = 100;

    private final Connection connection;

    Gallery(Connection connection) {
        this.connection = connection;
    }

    /**
     * The index in a file, which is made if it is not there. One that is damaged is put aside, one that cannot be written is
     * kept in memory; both are said.
     *
     * @param remarks hears sentences for the user
     * @throws TillerException if there is no SQLite for this machine
     */
    public static Gallery open(Path file, Consumer<String> remarks) {
        return new Gallery(IndexFile.connect(file, remarks));
    }

    /**
     * What a scan came to.
     *
     * @param runs how many there are
     * @param read how many of them were new or had changed
     * @param gone how many were forgotten, because their folders are no more
     * @param problems runs that cannot be read, a sentence each; they are left out
     */
    public record Scan(int runs, int read, int gone, List<String> problems) {}

    /**
     * Brings the index up to date with the folders: only what has changed since the last time is read.
     *
     * @param roots folders that are runs, or hold some, at most {@value RunFolders#DEEPEST} levels below
     * @param news is called after each batch that has changed something
     * @param stopped is asked between batches; a scan that is stopped forgets nothing
     */
    public Scan scan(List<Path> roots, Runnable news, BooleanSupplier stopped) {
        var query = Query.all(roots);
        var known = stamps(query);
        var found = RunFolders.below(query.roots());
        var problems = new ArrayList<String>();
        var changed = new ArrayList<Path>();
        found.forEach((folder, stamp) -> {
            if (!stamp.equals(known.get(folder))) {
                changed.add(folder);
            }
        });
        int read = 0;
        for (int from = 0; from < changed.size() && !stopped.getAsBoolean(); from += BATCH) {
            var batch = new LinkedHashMap<RunSummary.Read, String>();
            for (var folder : changed.subList(from, Math.min(from + BATCH, changed.size()))) {
                try {
                    batch.put(RunSummary.of(folder), found.getOrDefault(folder, ""));
                } catch (TillerException e) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
            put(batch);
            read += batch.size();
            news.run();
        }
        var gone = new HashSet<>(known.keySet());
        gone.removeAll(found.keySet());
        if (!stopped.getAsBoolean() && !gone.isEmpty()) {
            forget(gone);
            news.run();
        }
        return new Scan(found.size() - problems.size(), read, gone.size(), Collections.unmodifiableList(problems));
    }

    /** The runs that are asked for, the latest first. */
    public List<Entry> find(Query query) {
        return find(query, Integer.MAX_VALUE);
    }

    /** As {@link #find(Query)}, and at most so many. */
    public synchronized List<Entry> find(Query query, int most) {
        var sql = new StringBuilder(
                "SELECT folder, prompt, method, model, reward, best, date, state, picture, starred, note, byhand"
                        + " FROM runs WHERE " + inRoots(query));
        sql.append(" AND instr(words, ?) > 0".repeat(query.words().size()));
        if (query.starred()) {
            sql.append(" AND starred");
        }
        try (var select = connection.prepareStatement(
                sql.append(" ORDER BY date DESC, folder LIMIT ?").toString())) {
            int at = setRoots(select, query);
            for (var word : query.words()) {
                select.setString(at++, word);
            }
            select.setInt(at, most);
            var entries = new ArrayList<Entry>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    entries.add(entry(row));
                }
            }
            return entries;
        } catch (SQLException e) {
            throw trouble(e);
        }
    }

    private static Entry entry(ResultSet row) throws SQLException {
        var folder = Path.of(row.getString(1));
        double best = row.getDouble(6);
        boolean judged = !row.wasNull();
        var picture = row.getString(9);
        return new Entry(
                folder,
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                judged ? best : Double.NaN,
                Instant.ofEpochMilli(row.getLong(7)),
                Entry.State.valueOf(row.getString(8)),
                picture.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(picture)),
                row.getBoolean(12),
                row.getBoolean(10),
                row.getString(11));
    }

    /** Marks a run, in its folder and here. */
    public void mark(Path folder, RunMarks marks) {
        var absolute = folder.toAbsolutePath().normalize();
        marks.write(absolute);
        put(Map.of(RunSummary.of(absolute), RunFolders.stamp(absolute)));
    }

    private synchronized void put(Map<RunSummary.Read, String> batch) {
        try (var insert =
                connection.prepareStatement("INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)")) {
            for (var each : batch.entrySet()) {
                var entry = each.getKey().entry();
                insert.setString(1, entry.folder().toString());
                insert.setString(2, each.getValue());
                insert.setString(3, words(each.getKey()));
                insert.setString(4, entry.prompt());
                insert.setString(5, entry.method());
                insert.setString(6, entry.model());
                insert.setString(7, entry.reward());
                // SQLite has no NaN: it becomes null.
                insert.setDouble(8, entry.best());
                insert.setLong(9, entry.date().toEpochMilli());
                insert.setString(10, entry.state().name());
                insert.setString(
                        11,
                        entry.picture()
                                .map(p -> entry.folder().relativize(p).toString())
                                .orElse(""));
                insert.setBoolean(12, entry.starred());
                insert.setString(13, entry.note());
                insert.setBoolean(14, entry.byHand());
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw trouble(e);
        }
    }

    private static String words(RunSummary.Read read) {
        var entry = read.entry();
        return Query.folded(String.join(
                "\n",
                entry.prompt(),
                read.negative(),
                entry.method(),
                entry.model(),
                entry.reward(),
                entry.note(),
                String.valueOf(entry.folder().getFileName())));
    }

    private synchronized void forget(Set<Path> folders) {
        try (var delete = connection.prepareStatement("DELETE FROM runs WHERE folder = ?")) {
            for (var folder : folders) {
                delete.setString(1, folder.toString());
                delete.addBatch();
            }
            delete.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw trouble(e);
        }
    }

    private synchronized Map<Path, String> stamps(Query query) {
        try (var select = connection.prepareStatement("SELECT folder, stamp FROM runs WHERE " + inRoots(query))) {
            setRoots(select, query);
            var stamps = new LinkedHashMap<Path, String>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    stamps.put(Path.of(row.getString(1)), row.getString(2));
                }
            }
            return stamps;
        } catch (SQLException e) {
            throw trouble(e);
        }
    }

    /** A root is a run itself, or the beginning of its path: from "root/" to, but without, what sorts next. */
    private static String inRoots(Query query) {
        return "("
                + "folder = ? OR folder >= ? AND folder < ? OR "
                        .repeat(query.roots().size()) + "0)";
    }

    private static int setRoots(PreparedStatement statement, Query query) throws SQLException {
        int at = 1;
        for (var root : query.roots()) {
            var path = root.toString();
            var begin = path.endsWith(File.separator) ? path : path + File.separator;
            statement.setString(at++, path);
            statement.setString(at++, begin);
            statement.setString(at++, begin.substring(0, begin.length() - 1) + (char) (File.separatorChar + 1));
        }
        return at;
    }

    private static TillerException trouble(SQLException e) {
        return new TillerException(
                "The index of the gallery does not answer (" + e.getMessage()
                        + "); it holds nothing that the runs do not hold and can be deleted.",
                e);
    }

    @Override
    public synchronized void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw trouble(e);
        }
    }
}
