// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What is the same for one file under any name, and differs once it is written again.
 *
 * @param key of the file system, or the path where it has none
 * @param size in bytes
 * @param modified when it was written last
 */
public record FileIdentity(Object key, long size, FileTime modified) {
    /** @throws TillerException if there is no such file */
    public static FileIdentity of(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            var key = attributes.fileKey();
            return new FileIdentity(
                    key == null ? file.toRealPath() : key, attributes.size(), attributes.lastModifiedTime());
        } catch (NoSuchFileException e) {
            throw new TillerException("Cannot read " + file + "; does it exist?", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
    }
}
