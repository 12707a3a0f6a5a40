// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.detect;

import dev.tiller.potentials.pixels.ResizeFilter.Kernel;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Path;

/**
 * Makes a picture what DETR reads, as {@code preprocessor_config.json} says: the shorter edge resized (bilinear, in 8 bits, equal
 * to PIL) unless the longer one would become too long, normalised by mean and deviation of each channel. One picture at a time,
 * so there is nothing to pad.
 */
final class DetrImageProcessor {
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};
    private static final int SHORTEST = 800;
    private static final int LONGEST = 1333;

    private final int shortest;
    private final int longest;
    private final double factor;
    private final double[] mean;
    private final double[] deviation;

    DetrImageProcessor(ModelConfig config) {
        var options = config.fresh();
        options.only("resample", 2);
        options.only("do_resize", true);
        options.only("do_rescale", true);
        options.only("do_normalize", true);
        options.only("do_center_crop", false);
        options.only("crop_size");
        options.only("pad_size");
        options.only("do_convert_rgb", true, false); // they are RGB here
        options.inert("do_pad", "pad_and_return_pixel_mask"); // one picture has nothing to be padded to
        options.inert("do_convert_annotations", "format", "return_segmentation_masks", "masks_path"); // of training
        options.inert("image_processor_type", "feature_extractor_type", "processor_class", "default_to_square");
        options.inert("data_format", "input_data_format", "device", "disable_grouping", "return_tensors");
        if (options.isSection("size")) {
            var size = options.section("size");
            this.shortest = size.integer("shortest_edge", 0);
            this.longest = size.integer("longest_edge", 0);
            size.refuseOthers();
            options.inert("max_size");
        } else {
            this.shortest = options.integer("size", SHORTEST);
            this.longest = options.integer("max_size", LONGEST);
        }
        this.factor = options.number("rescale_factor", 1 / 255.0);
        this.mean = options.numbers("image_mean", MEAN);
        this.deviation = options.numbers("image_std", DEVIATION);
        if (shortest < 1 || longest < shortest || mean.length != 3 || deviation.length != 3) {
            throw new TillerException(options.where() + ": size must have shortest_edge and longest_edge, not less,"
                    + " and image_mean and image_std three numbers each.");
        }
        options.refuseOthers();
    }

    /** @throws TillerException if the folder's file is missing or asks for what is not supported */
    static DetrImageProcessor in(Path folder) {
        return new DetrImageProcessor(ModelConfig.read(folder.resolve("preprocessor_config.json")));
    }

    /** 1×3×h×w float32 on the CPU. */
    Tensor pixels(RgbImage picture) {
        var resized = resized(picture);
        var rgb = resized.rgb();
        int plane = rgb.length / 3;
        var values = new float[rgb.length];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                values[c * plane + i] = (float) (((rgb[3 * i + c] & 0xff) * factor - mean[c]) / deviation[c]);
            }
        }
        return Tensor.of(values, 1, 3, resized.height(), resized.width());
    }

    /** As transformers' get_size_with_aspect_ratio: edges are cut to whole pixels where they follow, rounded where they lead. */
    private RgbImage resized(RgbImage picture) {
        int w = picture.width();
        int h = picture.height();
        int shorter = Math.min(w, h);
        int longer = Math.max(w, h);
        double exact = shortest;
        if ((double) longer / shorter * shortest > longest) {
            exact = (double) longest * shorter / longer;
        }
        int edge = (int) Math.rint(exact);
        if (shorter == edge) {
            return picture;
        }
        return w < h
                ? picture.resized(edge, (int) (exact * h / w), Kernel.BILINEAR)
                : picture.resized((int) (exact * w / h), edge, Kernel.BILINEAR);
    }
}
