// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript archive written in memory: a zip with the source text of one class and a pickle of its only object,
 * which has no parameters. So kernels are source in this code base, not files made by another program.
 */
final class TorchScriptArchive {
    /** The operator version whose signatures the source uses; an old number would switch on old signatures. */
    private static final String VERSION = "10\n";

    private TorchScriptArchive() {}

    /** The archive of the class {@code className} which {@code source} declares. */
    static byte[] of(String className, String source) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            stored(zip, "kernels/data.pkl", object(className));
            stored(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            stored(zip, "kernels/constants.pkl", new Pickle().emptyTuple().stop());
            stored(zip, "kernels/version", VERSION.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] object(String className) {
        return new Pickle()
                .newObject("__torch__", className)
                .openDict()
                .entry("training", false)
                .entry("_is_full_backward_hook", null)
                .closeDict()
                .build()
                .stop();
    }

    private static void stored(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var crc = new CRC32();
        crc.update(content);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** The few opcodes of pickle protocol 2 that an object without parameters needs. */
    private static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            op(0x80, 2);
        }

        Pickle emptyTuple() {
            return op(')');
        }

        Pickle newObject(String module, String name) {
            return op('c').text(module + "\n" + name + "\n").op(')', 0x81);
        }

        Pickle openDict() {
            return op('}', '(');
        }

        Pickle entry(String key, @Nullable Boolean value) {
            byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
            op('X', utf8.length & 0xff, utf8.length >> 8 & 0xff, 0, 0).text(key);
            return op(value == null ? 'N' : value ? 0x88 : 0x89);
        }

        Pickle closeDict() {
            return op('u');
        }

        Pickle build() {
            return op('b');
        }

        byte[] stop() {
            op('.');
            return out.toByteArray();
        }

        private Pickle op(int... codes) {
            for (int code : codes) {
                out.write(code);
            }
            return this;
        }

        private Pickle text(String s) {
            out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
            return this;
        }
    }
}
