// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.viewer.SettingsFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javafx.scene.Scene;
import org.testfx.util.WaitForAsyncUtils;

/**
 * A window without a screen: Monocle, and pictures of what it would show. With {@code tiller.screen} the screen is a real one, as
 * {@code .ci/run} has it.
 */
public final class Headless {
    private static final boolean SCREEN = Boolean.getBoolean("tiller.screen");

    private Headless() {}

    public static void prepare() {
        System.setProperty("testfx.robot", "glass");
        System.setProperty("prism.order", "sw");
        // Not what the user's own window remembers.
        System.setProperty(
                SettingsFolder.PROPERTY, Path.of("target", "settings").toString());
        if (SCREEN) {
            return;
        }
        System.setProperty("testfx.headless", "true");
        System.setProperty("glass.platform", "Monocle");
        System.setProperty("monocle.platform", "Headless");
        System.setProperty("prism.text", "t2k");
    }

    /** What the scene shows now. */
    public static Picture picture(Scene scene) {
        return WaitForAsyncUtils.waitForAsyncFx(10_000, () -> {
            var image = scene.snapshot(null);
            int w = (int) image.getWidth();
            int h = (int) image.getHeight();
            var rgb = new byte[3 * w * h];
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    int argb = image.getPixelReader().getArgb(x, y);
                    int at = 3 * (y * w + x);
                    rgb[at] = (byte) (argb >> 16);
                    rgb[at + 1] = (byte) (argb >> 8);
                    rgb[at + 2] = (byte) argb;
                }
            }
            return new Picture(w, h, rgb);
        });
    }

    /** Keeps what the scene shows for people to look at. */
    public static Path shoot(Scene scene, String name) throws IOException {
        var folder = Files.createDirectories(Path.of("target", SCREEN ? "story-screenshots" : "screenshots"));
        return Files.write(folder.resolve(name + ".png"), Png.encode(picture(scene), Map.of()));
    }
}
