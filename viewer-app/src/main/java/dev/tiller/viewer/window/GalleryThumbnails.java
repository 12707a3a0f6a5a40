// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.gallery.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import javafx.scene.image.Image;
import org.jspecify.annotations.Nullable;

/** Small pictures of runs, decoded by JavaFX's own threads; the most lately seen ones are kept. */
final class GalleryThumbnails {
    private static final int SIDE = 144;
    private static final int MOST = 256;

    private final Map<String, Image> seen = new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Image> eldest) {
            return size() > MOST;
        }
    };

    /** The picture of a run, which shows when it has loaded; null if the run has none. */
    @Nullable
    Image of(Entry entry) {
        return entry.picture()
                // A run that is made again has another date.
                .map(file -> seen.computeIfAbsent(
                        file + "@" + entry.date(),
                        key -> new Image(file.toUri().toString(), SIDE, SIDE, true, true, true)))
                .orElse(null);
    }
}
