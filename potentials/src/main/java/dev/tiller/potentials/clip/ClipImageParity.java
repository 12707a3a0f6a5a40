// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;

/** CLIP's preprocessing by both routes, and the smooth one's gradient, against PIL and torchvision. */
public final class ClipImageParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("preprocess") && golden.className().contains("CLIPImageProcessor");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        for (var image : golden.meta().path("images")) {
            var name = image.path("index").asText() + ".";
            var picture = picture(golden, name + "image");
            int size = image.path("size").asInt();
            var processor = ClipImageProcessor.of(ModelConfig.of(
                    golden.toString(), "{\"size\": {\"shortest_edge\": " + size + "}, \"crop_size\": " + size + "}"));
            var resized = processor.resized(picture);
            report.compare(golden, name + "pil_resized", planes(resized), 3, resized.height(), resized.width());
            var cropped = processor.cropped(resized);
            report.compare(golden, name + "pil_crop", planes(cropped), 3, size, size);
            try (var scope = Scope.open()) {
                report.compare(golden, name + "pil_pixel_values", normalised(processor, cropped));
                // Its resizing rounds to 8 bits a little differently; the tolerance is two grey levels.
                report.compare(golden, name + "tv_pixel_values", normalised(processor, cropped));
                var pixels = Tensor.of(golden.floats(name + "image"), golden.shape(name + "image"));
                var pictures = pixels.dividedBy(255).reshape(1, 3, picture.height(), picture.width());
                try (var tape = new RecordedMap(processor::smooth, Checkpointing.AUTO).tape(pictures)) {
                    report.compare(
                            golden, name + "float_pixel_values", tape.value().reshape(3, size, size));
                    var cotangent = Tensor.of(golden.floats(name + "cot"), 1, 3, size, size);
                    report.compare(
                            golden, name + "grad", tape.pull(cotangent).reshape(3, picture.height(), picture.width()));
                }
            }
        }
    }

    private static RgbImage picture(Golden golden, String name) {
        var planes = golden.longs(name);
        int height = (int) golden.shape(name)[1];
        int width = (int) golden.shape(name)[2];
        var rgb = new byte[planes.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i % (width * height) * 3 + i / (width * height)] = (byte) planes[i];
        }
        return new RgbImage(rgb, width, height);
    }

    private static long[] planes(RgbImage picture) {
        int plane = picture.width() * picture.height();
        var planes = new long[3 * plane];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = picture.rgb()[i % plane * 3 + i / plane] & 0xff;
        }
        return planes;
    }

    private static Tensor normalised(ClipImageProcessor processor, RgbImage picture) {
        var values = new float[picture.rgb().length];
        processor.normalise(picture, values, 0);
        return Tensor.of(values, 3, picture.height(), picture.width());
    }
}
