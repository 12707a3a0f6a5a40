// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.PictureViewer;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunListener;
import java.util.Map;

/** Keeps the pictures that a run's reward looks at: predicted and noisy ones as thumbnails for the record, final ones in full. */
final class RunPictures implements PictureViewer {
    /** Predicted pictures are kept no wider than this many pixels. */
    private static final int THUMBNAIL = 128;

    private final RunFolder folder;
    private final RunListener listener;

    RunPictures(RunFolder folder, RunListener listener) {
        this.folder = folder;
        this.listener = listener;
    }

    @Override
    public void see(Stage stage, int step, int slot, Pixels pixels) {
        var picture = new Picture(pixels.width(), pixels.height(), pixels.rgb8());
        int factor = stage == Stage.FINAL ? 1 : Math.max(1, Math.min(picture.width(), picture.height()) / THUMBNAIL);
        var kept = factor > 1 ? picture.reduced(factor) : picture;
        listener.on(new RunEvent.Previewed(step, slot, folder.keep(Png.encode(kept, Map.of())), stage));
    }
}
