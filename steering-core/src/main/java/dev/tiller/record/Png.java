// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.TillerException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.imageio.ImageIO;

/**
 * PNG files (ISO/IEC 15948) with texts inside. The same picture and texts give the same bytes: nothing of the time or the
 * machine is in them. Writing does without AWT, which costs more to start than all the pictures of a run.
 */
public final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    /** All texts of a file together: a kilobyte of a file can hold a megabyte of text. */
    private static final int LONGEST_TEXTS = 16 << 20;
    /** Of a picture, some 0.7 GB while it is read. */
    private static final long MOST_PIXELS = 1L << 26;

    private Png() {}

    /**
     * A PNG file of 8-bit RGB.
     *
     * @param texts by keyword, of 1 to 79 Latin letters; written as tEXt where the text is Latin-1, else as iTXt in UTF-8
     */
    public static byte[] encode(Picture picture, Map<String, String> texts) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        var header = ByteBuffer.allocate(13).putInt(picture.width()).putInt(picture.height());
        chunk(out, "IHDR", header.put(new byte[] {8, 2, 0, 0, 0}).array());
        texts.forEach((keyword, text) -> text(out, keyword, text.replace('\0', '\uFFFD')));
        chunk(out, "IDAT", deflate(filter(picture)));
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String keyword, String text) {
        if (!keyword.matches("[\\x21-\\x7E][\\x20-\\x7E]{0,78}")) {
            throw new IllegalArgumentException("'" + keyword + "' is not a keyword of a PNG text");
        }
        var body = new ByteArrayOutputStream();
        body.writeBytes(keyword.getBytes(StandardCharsets.ISO_8859_1));
        body.write(0);
        if (text.matches("[\\n\\x20-\\x7E\\xA1-\\xFF]*")) {
            body.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
            chunk(out, "tEXt", body.toByteArray());
        } else {
            // Not compressed, no language, no translated keyword.
            body.writeBytes(new byte[4]);
            body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            chunk(out, "iTXt", body.toByteArray());
        }
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] body) {
        var typed = ByteBuffer.allocate(4 + body.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .array();
        var crc = new CRC32();
        crc.update(typed);
        out.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
        out.writeBytes(typed);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** Each row behind the filter that leaves the smallest sum of differences: the heuristic of the standard, 12.7. */
    private static byte[] filter(Picture picture) {
        int stride = 3 * picture.width();
        var rows = new byte[picture.height() * (stride + 1)];
        var previous = new byte[stride];
        var candidate = new byte[stride];
        for (int y = 0; y < picture.height(); y++) {
            var row = Arrays.copyOfRange(picture.rgb(), y * stride, (y + 1) * stride);
            long least = Long.MAX_VALUE;
            for (int type = 0; type <= 4; type++) {
                long sum = 0;
                for (int i = 0; i < stride; i++) {
                    int left = i < 3 ? 0 : row[i - 3] & 0xFF;
                    int above = previous[i] & 0xFF;
                    int corner = i < 3 ? 0 : previous[i - 3] & 0xFF;
                    candidate[i] = (byte) (row[i] - predict(type, left, above, corner));
                    sum += Math.abs(candidate[i]);
                }
                if (sum < least) {
                    least = sum;
                    rows[y * (stride + 1)] = (byte) type;
                    System.arraycopy(candidate, 0, rows, y * (stride + 1) + 1, stride);
                }
            }
            previous = row;
        }
        return rows;
    }

    private static int predict(int filterType, int left, int above, int corner) {
        return switch (filterType) {
            case 0 -> 0;
            case 1 -> left;
            case 2 -> above;
            case 3 -> (left + above) / 2;
            default -> paeth(left, above, corner);
        };
    }

    private static int paeth(int left, int above, int corner) {
        int p = left + above - corner;
        int toLeft = Math.abs(p - left);
        int toAbove = Math.abs(p - above);
        int toCorner = Math.abs(p - corner);
        if (toLeft <= toAbove && toLeft <= toCorner) {
            return left;
        }
        return toAbove <= toCorner ? above : corner;
    }

    private static byte[] deflate(byte[] bytes) {
        var deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        var out = new ByteArrayOutputStream();
        var buffer = new byte[1 << 16];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    /**
     * The texts of a PNG file, of whatever origin, by keyword; the first where there are two.
     *
     * @throws CorruptRecordException if it is not a PNG file, or is damaged
     */
    public static Map<String, String> texts(byte[] png) {
        var texts = new LinkedHashMap<String, String>();
        var in = ByteBuffer.wrap(png);
        int left = LONGEST_TEXTS;
        try {
            var signature = new byte[SIGNATURE.length];
            in.get(signature);
            if (!Arrays.equals(signature, SIGNATURE)) {
                throw damaged("it does not begin as one");
            }
            for (String type = ""; !type.equals("IEND"); ) {
                int length = in.getInt();
                if (length < 0 || length > in.remaining() - 8) {
                    throw damaged("it is cut short");
                }
                var typed = new byte[4 + length];
                in.get(typed);
                var crc = new CRC32();
                crc.update(typed);
                if ((int) crc.getValue() != in.getInt()) {
                    throw damaged("a checksum is wrong");
                }
                type = new String(typed, 0, 4, StandardCharsets.ISO_8859_1);
                if (type.equals("tEXt") || type.equals("zTXt") || type.equals("iTXt")) {
                    left -= readText(type, ByteBuffer.wrap(typed, 4, length), texts, left);
                }
            }
        } catch (BufferUnderflowException e) {
            throw damaged("it is cut short");
        } catch (DataFormatException e) {
            throw damaged("a text is badly compressed");
        }
        return texts;
    }

    /** How many bytes of text it took, of at most so many. */
    private static int readText(String type, ByteBuffer body, Map<String, String> texts, int most)
            throws DataFormatException {
        var keyword = new String(untilNull(body), StandardCharsets.ISO_8859_1);
        boolean compressed = type.equals("zTXt");
        if (type.equals("iTXt")) {
            compressed = body.get() != 0;
        }
        if (!type.equals("tEXt")) {
            body.get(); // the compression method: there is only one
        }
        if (type.equals("iTXt")) {
            untilNull(body); // language
            untilNull(body); // translated keyword
        }
        var bytes = new byte[body.remaining()];
        body.get(bytes);
        var charset = type.equals("iTXt") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        var text = compressed ? inflate(bytes, most) : bytes;
        if (text.length > most) {
            throw damaged("its texts are longer than any settings");
        }
        texts.putIfAbsent(keyword, new String(text, charset));
        return text.length;
    }

    private static byte[] untilNull(ByteBuffer body) {
        var bytes = new ByteArrayOutputStream();
        for (byte b = body.get(); b != 0; b = body.get()) {
            bytes.write(b);
        }
        return bytes.toByteArray();
    }

    private static byte[] inflate(byte[] bytes, int most) throws DataFormatException {
        var inflater = new Inflater();
        try {
            inflater.setInput(bytes);
            var out = new ByteArrayOutputStream();
            var buffer = new byte[1 << 16];
            while (!inflater.finished()) {
                int n = inflater.inflate(buffer);
                if (n == 0) {
                    throw new DataFormatException();
                }
                if (n > most - out.size()) {
                    throw damaged("its texts are longer than any settings");
                }
                out.write(buffer, 0, n);
            }
            return out.toByteArray();
        } finally {
            inflater.end();
        }
    }

    /**
     * As {@link #decode}, of a file.
     *
     * @throws TillerException if it cannot be read or is no such picture
     */
    public static Picture read(Path file) {
        try {
            return decode(Files.readAllBytes(file));
        } catch (CorruptRecordException e) {
            throw new TillerException("Cannot read the picture " + file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new TillerException("Cannot read the picture " + file + "; does it exist?", e);
        }
    }

    /**
     * The pixels of a PNG or JPEG file, of whatever origin; transparency is laid on white, and a level of 16 bits is that
     * of 8 bits next to it.
     *
     * @throws CorruptRecordException if it is neither, is in CMYK, is larger than {@value #MOST_PIXELS} pixels, or is damaged
     */
    public static Picture decode(byte[] file) {
        try {
            var image = image(file);
            int w = image.getWidth();
            int h = image.getHeight();
            int colours = image.getColorModel().getNumColorComponents();
            if (colours > 3) {
                throw new CorruptRecordException("The picture is in CMYK; save it as RGB.", 0);
            }
            var argb = colours == 1 ? grey(image) : image.getRGB(0, 0, w, h, null, 0, w);
            var rgb = new byte[3 * argb.length];
            for (int i = 0; i < rgb.length; i++) {
                int alpha = argb[i / 3] >>> 24;
                int value = argb[i / 3] >> (16 - 8 * (i % 3)) & 0xFF;
                rgb[i] = (byte) Math.round((value * alpha + 255 * (255 - alpha)) / 255f);
            }
            return new Picture(w, h, rgb);
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
            // ImageIO's readers let the last three out on damaged files.
            throw new CorruptRecordException("The picture is damaged.", 0);
        }
    }

    /** Its size is looked at first: a kilobyte of a file can say that it holds more pixels than there is memory. */
    private static BufferedImage image(byte[] file) throws IOException {
        ImageIO.setUseCache(false);
        try (var in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            var readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new CorruptRecordException("The file is not a picture (PNG or JPEG).", 0);
            }
            var reader = readers.next();
            try {
                reader.setInput(in, true, true);
                if ((long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
                    throw new CorruptRecordException(
                            "The picture is larger than any that is looked at here, " + MOST_PIXELS + " pixels.", 0);
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    /** As getRGB gives pixels, but of the levels as they stand in the file: getRGB takes grey levels for linear light. */
    private static int[] grey(BufferedImage image) {
        var samples = image.getRaster();
        int w = image.getWidth();
        float most = (1 << samples.getSampleModel().getSampleSize(0)) - 1;
        var argb = new int[w * image.getHeight()];
        for (int i = 0; i < argb.length; i++) {
            int level = Math.round(samples.getSample(i % w, i / w, 0) * 255 / most);
            int alpha = samples.getNumBands() == 1 ? 255 : Math.round(samples.getSample(i % w, i / w, 1) * 255 / most);
            argb[i] = alpha << 24 | level << 16 | level << 8 | level;
        }
        return argb;
    }

    private static CorruptRecordException damaged(String how) {
        return new CorruptRecordException("The file is not a whole PNG: " + how + ".", 0);
    }
}
