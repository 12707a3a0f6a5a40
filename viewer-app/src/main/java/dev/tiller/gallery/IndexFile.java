// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.sqlite.SQLiteErrorCode;

/** The file of the index: whole and of this version when it is handed out. */
final class IndexFile {
    /** Grows whenever the table changes; an index of another version is made again. */
    private static final int VERSION = 2;

    private static final String MEMORY = ":memory:";

    private IndexFile() {}

    static Connection connect(Path file, Consumer<String> remarks) {
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
            return connect(file.toString());
        } catch (SQLException e) {
            if (isDamaged(e)) {
                return afresh(file, remarks);
            }
            return inMemory(
                    "The index of the gallery, " + file + ", cannot be used (" + e.getMessage() + ")", remarks, e);
        } catch (IOException e) {
            return inMemory(
                    "The index of the gallery, " + file + ", cannot be written (" + e.getMessage() + ")", remarks, e);
        }
    }

    private static Connection afresh(Path file, Consumer<String> remarks) {
        var aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-journal"));
            var connection = connect(file.toString());
            remarks.accept("The index of the gallery was damaged and is made again from the runs; the old one is "
                    + aside + ".");
            return connection;
        } catch (IOException | SQLException e) {
            return inMemory("The index of the gallery, " + file + ", is damaged and cannot be replaced", remarks, e);
        }
    }

    private static Connection inMemory(String why, Consumer<String> remarks, Exception cause) {
        try {
            var connection = connect(MEMORY);
            remarks.accept(why + "; the runs are read again each time.");
            return connection;
        } catch (SQLException e) {
            e.addSuppressed(cause);
            throw new TillerException(
                    "The gallery needs SQLite, which does not start here: " + e.getMessage() + ".", e);
        }
    }

    private static boolean isDamaged(SQLException e) {
        int code = e.getErrorCode() & 0xFF;
        return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    private static Connection connect(String file) throws SQLException {
        var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            // What a crash of the machine may cost is made again.
            statement.execute("PRAGMA synchronous = OFF");
            try (var check = statement.executeQuery("PRAGMA quick_check(1)")) {
                if (!check.next() || !check.getString(1).equals("ok")) {
                    throw new SQLException("a check failed", "", SQLiteErrorCode.SQLITE_CORRUPT.code);
                }
            }
            int version;
            try (var row = statement.executeQuery("PRAGMA user_version")) {
                version = row.next() ? row.getInt(1) : 0;
            }
            connection.setAutoCommit(false);
            if (version != VERSION) {
                statement.execute("DROP TABLE IF EXISTS runs");
                statement.execute(
                        "CREATE TABLE runs (folder TEXT PRIMARY KEY, stamp TEXT NOT NULL, words TEXT NOT NULL, prompt"
                                + " TEXT NOT NULL, method TEXT NOT NULL, model TEXT NOT NULL, reward TEXT NOT NULL, best"
                                + " REAL, date INTEGER NOT NULL, state TEXT NOT NULL, picture TEXT NOT NULL, starred"
                                + " INTEGER NOT NULL, note TEXT NOT NULL, byhand INTEGER NOT NULL)");
                statement.execute("CREATE INDEX runs_by_date ON runs (date DESC, folder)");
                statement.execute("PRAGMA user_version = " + VERSION);
            }
            connection.commit();
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
