// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import java.util.Arrays;
import java.util.List;

/** Many pictures as one: a grid with a caption under each. */
public final class ContactSheet {
    /** Pictures of fewer pixels are enlarged to at least this many, so that the captions fit and the eye can see. */
    private static final int SMALLEST = 160;

    private static final byte PAPER = (byte) 250;
    private static final byte INK = (byte) 40;

    private ContactSheet() {}

    /** A picture and what stands under it; of letters, digits and {@code .,-+#:=/()} only. */
    public record Entry(Picture picture, String caption) {}

    /**
     * Draws the sheet, row by row.
     *
     * @param entries at least one, all of one size
     * @param columns at least 1
     */
    public static Picture draw(List<Entry> entries, int columns) {
        int width = entries.get(0).picture().width();
        int height = entries.get(0).picture().height();
        int factor = Math.max(1, (SMALLEST + width - 1) / width);
        int letter = Math.max(1, width * factor / SMALLEST);
        int gap = 8 * letter;
        int cellWidth = width * factor + gap;
        int cellHeight = height * factor + (Letters.HEIGHT * letter) + 2 * gap;
        int used = Math.min(columns, entries.size());
        int rows = (entries.size() + used - 1) / used;
        int sheetWidth = used * cellWidth + gap;
        var rgb = new byte[3 * sheetWidth * (rows * cellHeight + gap)];
        Arrays.fill(rgb, PAPER);
        for (int i = 0; i < entries.size(); i++) {
            int left = gap + i % used * cellWidth;
            int top = gap + i / used * cellHeight;
            var picture = entries.get(i).picture();
            if (picture.width() != width || picture.height() != height) {
                throw new IllegalArgumentException("the pictures of a contact sheet are of one size");
            }
            var large = picture.enlarged(factor);
            for (int y = 0; y < large.height(); y++) {
                System.arraycopy(
                        large.rgb(),
                        3 * y * large.width(),
                        rgb,
                        3 * ((top + y) * sheetWidth + left),
                        3 * large.width());
            }
            write(
                    entries.get(i).caption(),
                    letter,
                    rgb,
                    sheetWidth,
                    left,
                    top + large.height() + gap / 2,
                    large.width());
        }
        return new Picture(sheetWidth, rgb.length / 3 / sheetWidth, rgb);
    }

    private static void write(String text, int letter, byte[] rgb, int stride, int left, int top, int room) {
        for (int y = 0; y < Letters.HEIGHT * letter; y++) {
            for (int x = 0; x < Math.min(room, text.length() * Letters.ADVANCE * letter); x++) {
                if (Letters.ink(text, x / letter, y / letter)) {
                    int at = 3 * ((top + y) * stride + left + x);
                    Arrays.fill(rgb, at, at + 3, INK);
                }
            }
        }
    }
}
