// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.RunFolder;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunListener;
import dev.tiller.samplers.ImageObjective;
import dev.tiller.tensor.Images;
import java.util.Map;

/** Keeps the pictures that a run's reward looks at: predicted ones as thumbnails for the record, final ones in full. */
final class RunPictures implements ImageObjective.Viewer {
    /** Predicted pictures are kept no wider than this many pixels. */
    private static final int THUMBNAIL = 128;

    private final RunFolder folder;
    private final RunListener listener;
    private final int lastStep;

    RunPictures(RunFolder folder, RunListener listener, int steps) {
        this.folder = folder;
        this.listener = listener;
        this.lastStep = steps - 1;
    }

    @Override
    public void see(int step, int slot, Images images, int row) {
        var picture = new Picture(images.width(), images.height(), images.rgb8(row));
        boolean last = step == lastStep;
        int factor = last ? 1 : Math.max(1, Math.min(picture.width(), picture.height()) / THUMBNAIL);
        var kept = factor > 1 ? picture.reduced(factor) : picture;
        listener.on(new RunEvent.Previewed(
                step, slot, folder.keep(Png.encode(kept, Map.of())), last ? Stage.FINAL : Stage.CLEAN));
    }
}
