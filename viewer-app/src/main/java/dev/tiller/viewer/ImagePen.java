// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Draws a picture in memory, without a screen. */
final class ImagePen implements Pen {
    /** So many decoded pictures are kept: the next frame of an animation shows most of them again. */
    private static final int KEPT = 512;

    private final BufferedImage image;
    private final Graphics2D g;
    private final Pictures pictures;
    private final Map<String, Optional<BufferedImage>> decoded;

    /** Pictures by their SHA-256, for several pens to share. */
    static Map<String, Optional<BufferedImage>> cache() {
        return new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Optional<BufferedImage>> eldest) {
                return size() > KEPT;
            }
        };
    }

    /** @param scale pixels for each unit of coordinates */
    ImagePen(
            double width,
            double height,
            double scale,
            Ink ground,
            Pictures pictures,
            Map<String, Optional<BufferedImage>> decoded) {
        this.pictures = pictures;
        this.decoded = decoded;
        // Nothing that is drawn here needs a display.
        System.setProperty("java.awt.headless", "true");
        image = new BufferedImage(
                (int) Math.ceil(width * scale), (int) Math.ceil(height * scale), BufferedImage.TYPE_INT_RGB);
        g = image.createGraphics();
        g.scale(scale, scale);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        box(ground, 0, 0, width, height);
    }

    BufferedImage image() {
        return image;
    }

    private void use(Ink ink, double width) {
        g.setColor(new Color(ink.rgb() | (int) Math.round(255 * ink.opacity()) << 24, true));
        g.setStroke(new BasicStroke((float) width));
    }

    @Override
    public void line(Ink ink, double width, double x1, double y1, double x2, double y2) {
        use(ink, width);
        g.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    @Override
    public void dashed(Ink ink, double width, double x1, double y1, double x2, double y2) {
        use(ink, width);
        g.setStroke(new BasicStroke(
                (float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {3, 3}, 0));
        g.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    @Override
    public void bend(Ink ink, double width, double x1, double y1, double x2, double y2) {
        use(ink, width);
        double middle = (x1 + x2) / 2;
        g.draw(new CubicCurve2D.Double(x1, y1, middle, y1, middle, y2, x2, y2));
    }

    @Override
    public void dot(Ink ink, double x, double y, double radius) {
        use(ink, 1);
        g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    @Override
    public void box(Ink ink, double x, double y, double width, double height) {
        use(ink, 1);
        g.fill(new Rectangle2D.Double(x, y, width, height));
    }

    @Override
    public void frame(Ink ink, double stroke, double x, double y, double width, double height) {
        use(ink, stroke);
        g.draw(new Rectangle2D.Double(x, y, width, height));
    }

    @Override
    public void text(Ink ink, double size, Anchor anchor, double x, double y, String text) {
        use(ink, 1);
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size));
        double length = g.getFontMetrics().getStringBounds(text, g).getWidth();
        double left = x - (anchor == Anchor.LEFT ? 0 : anchor == Anchor.CENTRE ? length / 2 : length);
        g.drawString(text, (float) left, (float) (y + g.getFontMetrics().getAscent()));
    }

    @Override
    public boolean picture(String sha256, double opacity, double x, double y, double width, double height) {
        var picture = decoded.computeIfAbsent(sha256, sha -> pictures.find(sha).flatMap(ImagePen::decode));
        picture.ifPresent(p -> {
            g.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION,
                    width < p.getWidth()
                            ? RenderingHints.VALUE_INTERPOLATION_BICUBIC
                            : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
            g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) opacity));
            var before = g.getTransform();
            g.translate(x, y);
            g.scale(width / p.getWidth(), height / p.getHeight());
            g.drawImage(p, 0, 0, null);
            g.setTransform(before);
            g.setComposite(AlphaComposite.SrcOver);
        });
        return picture.isPresent();
    }

    private static Optional<BufferedImage> decode(byte[] png) {
        try {
            return Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(png)));
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            // A damaged picture is shown as one that is not there.
            return Optional.empty();
        }
    }
}
