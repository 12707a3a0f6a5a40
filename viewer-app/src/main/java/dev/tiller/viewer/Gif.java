// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;

/** Animated GIF (GIF89a), played again and again. */
final class Gif {
    private Gif() {}

    /**
     * Writes one frame after the other; only one is in memory at a time.
     *
     * @param frames at least one, all of one size
     * @param milliseconds how long each is seen, in steps of 10
     * @param lastMilliseconds how long the last one is
     */
    static void write(Iterator<BufferedImage> frames, int milliseconds, int lastMilliseconds, OutputStream to)
            throws IOException {
        ImageIO.setUseCache(false);
        var writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (var out = ImageIO.createImageOutputStream(to)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            boolean first = true;
            while (frames.hasNext()) {
                var frame = frames.next();
                var metadata = writer.getDefaultImageMetadata(
                        ImageTypeSpecifier.createFromRenderedImage(frame), writer.getDefaultWriteParam());
                time(metadata, (frames.hasNext() ? milliseconds : lastMilliseconds) / 10, first);
                writer.writeToSequence(new IIOImage(frame, null, metadata), null);
                first = false;
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static void time(IIOMetadata metadata, int hundredths, boolean first) throws IOException {
        var format = metadata.getNativeMetadataFormatName();
        var root = (IIOMetadataNode) metadata.getAsTree(format);
        var control = child(root, "GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Integer.toString(hundredths));
        control.setAttribute("transparentColorIndex", "0");
        if (first) {
            var loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            // Sub-block 1: repeat 0 times, which means for ever.
            loop.setUserObject(new byte[] {1, 0, 0});
            child(root, "ApplicationExtensions").appendChild(loop);
        }
        metadata.setFromTree(format, root);
    }

    private static IIOMetadataNode child(IIOMetadataNode root, String name) {
        for (var node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(name)) {
                return (IIOMetadataNode) node;
            }
        }
        var made = new IIOMetadataNode(name);
        root.appendChild(made);
        return made;
    }
}
