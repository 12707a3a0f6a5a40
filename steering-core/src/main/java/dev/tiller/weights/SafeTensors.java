// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;

/**
 * A safetensors file: its header, read and checked against every rule of the format. The data stay on disk until they
 * are asked for, and then are mapped, so that opening a file of any size takes no memory.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafeTensors implements TensorFile {
    private final Path file;
    private final SafeTensorsHeader header;

    private SafeTensors(Path file, SafeTensorsHeader header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Reads and checks the header.
     *
     * @throws SafeTensorsException if the file breaks a rule of the format
     * @throws TillerException if it cannot be read
     */
    public static SafeTensors open(Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new SafeTensors(file, SafeTensorsHeader.read(file, channel));
        } catch (NoSuchFileException e) {
            throw new TillerException("There is no weight file " + file + ".", e);
        } catch (IOException e) {
            throw new TillerException(
                    "Cannot read the weight file " + file + ": "
                            + (Files.isDirectory(file) ? "it is a folder" : e.getMessage()) + ".",
                    e);
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Map<String, Entry> entries() {
        return Collections.unmodifiableMap(header.entries());
    }

    /** The texts under {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }
}
