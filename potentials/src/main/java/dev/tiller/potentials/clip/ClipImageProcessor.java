// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.gradient.Pullback;
import dev.tiller.potentials.pixels.ResizeFilter.Kernel;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Recording;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Makes pictures what CLIP's vision tower reads, as {@code preprocessor_config.json} says: resized (bicubic), the middle
 * cropped, normalised by mean and deviation of each channel. By two routes: in 8 bits, equal to the published processors
 * on PIL images ({@link #eightBit}), and in floating point ({@link #smooth}), which never rounds and so has a gradient.
 * They differ by a grey level or so. An odd margin of a crop is halved downwards by transformers on PIL images, and to the
 * even neighbour by torchvision, which OpenAI's own code, open_clip and ImageReward crop with.
 */
public final class ClipImageProcessor {
    private static final double[] MEAN = {0.48145466, 0.4578275, 0.40821073};
    private static final double[] DEVIATION = {0.26862954, 0.26130258, 0.27577711};

    /** SigLIP's mean and deviation. */
    private static final double[] HALVES = {0.5, 0.5, 0.5};

    private final ModelConfig config;
    private final boolean whole;
    /** As pictures of 8 bits are cropped. */
    private final IntUnaryOperator half;

    private final Size size;
    private final Size crop;
    private final double[] mean;
    private final double[] deviation;

    /**
     * A size in pixels, or none.
     *
     * @param shortest of the edges, the other follows; 0 where width and height are given
     */
    private record Size(int shortest, int width, int height) {
        static final Size NONE = new Size(0, 0, 0);

        boolean isNone() {
            return equals(NONE);
        }

        Size of(int w, int h) {
            if (isNone()) {
                return new Size(0, w, h);
            }
            if (shortest == 0) {
                return this;
            }
            // The longer edge is cut to whole pixels, not rounded.
            return w <= h
                    ? new Size(0, shortest, (int) ((long) shortest * h / w))
                    : new Size(0, (int) ((long) shortest * w / h), shortest);
        }
    }

    private ClipImageProcessor(ModelConfig options, boolean whole, IntUnaryOperator half) {
        this.config = options;
        this.whole = whole;
        this.half = half;
        options.only("resample", 3);
        options.only(
                "image_processor_type",
                "CLIPImageProcessor",
                "CLIPImageProcessorFast",
                "CLIPImageProcessorPil",
                "SiglipImageProcessor",
                "SiglipImageProcessorFast",
                "SiglipImageProcessorPil");
        boolean siglip = options.text("image_processor_type", "").startsWith("Siglip");
        options.only("feature_extractor_type", "CLIPFeatureExtractor");
        options.only("do_rescale", true);
        options.only("rescale_factor", 1 / 255.0);
        options.only("do_convert_rgb", true, false); // they are RGB here
        options.inert("processor_class", "data_format", "device", "return_tensors");
        var square = new Size(0, 224, 224);
        this.size = options.flag("do_resize", true) ? size("size", siglip ? square : new Size(224, 0, 0)) : Size.NONE;
        this.crop = options.flag("do_center_crop", !siglip)
                ? size("crop_size", square).of(1, 1)
                : Size.NONE;
        boolean normalise = options.flag("do_normalize", true);
        var means = options.numbers("image_mean", siglip ? HALVES : MEAN);
        var deviations = options.numbers("image_std", siglip ? HALVES : DEVIATION);
        this.mean = normalise ? means : new double[3];
        this.deviation = normalise ? deviations : new double[] {1, 1, 1};
        if (means.length != 3 || deviations.length != 3) {
            throw new TillerException(options.where() + ": image_mean and image_std must have three numbers each.");
        }
        options.inert("size", "crop_size");
        options.refuseOthers();
    }

    /**
     * What a model's folder says: the {@code image_processor} of {@code processor_config.json}, where transformers 5 writes it,
     * or else {@code preprocessor_config.json}.
     *
     * @return empty if there is neither
     * @throws TillerException if it asks for what is not supported
     */
    public static Optional<ClipImageProcessor> in(Path folder) {
        var nested = folder.resolve("processor_config.json");
        if (Files.isRegularFile(nested)) {
            var config = ModelConfig.read(nested);
            if (config.has("image_processor")) {
                return Optional.of(of(config.section("image_processor")));
            }
        }
        var file = folder.resolve("preprocessor_config.json");
        return Files.isRegularFile(file) ? Optional.of(of(ModelConfig.read(file))) : Optional.empty();
    }

    /** @throws TillerException if it asks for what is not supported */
    public static ClipImageProcessor of(ModelConfig config) {
        return new ClipImageProcessor(config.fresh(), false, ClipImageProcessor::down);
    }

    /** CLIP's own: the shorter edge resized, the middle cropped. */
    public static ClipImageProcessor clip(int side) {
        return torchvision(sized(side, ModelConfig.of("CLIP's preprocessing", "{}")));
    }

    private static ClipImageProcessor torchvision(ModelConfig config) {
        return new ClipImageProcessor(config.fresh(), false, ClipImageProcessor::toEven);
    }

    /** SigLIP's own: resized to the square, whatever the proportions. */
    public static ClipImageProcessor siglip(int side) {
        return of(ModelConfig.of(
                "SigLIP's preprocessing",
                "{\"image_processor_type\": \"SiglipImageProcessor\", \"size\": {\"height\": %d, \"width\": %d}}"
                        .formatted(side, side)));
    }

    /** As HPSv2 does it: the longer edge resized, and black around the picture. */
    public static ClipImageProcessor whole(int side) {
        return new ClipImageProcessor(
                sized(side, ModelConfig.of("HPS's preprocessing", "{}")), true, ClipImageProcessor::down);
    }

    /**
     * As {@code open_clip_config.json} says it.
     *
     * @throws TillerException if it asks for what is not supported
     */
    public static ClipImageProcessor openClip(Path file, int side) {
        var options = ModelConfig.read(file).section("preprocess_cfg");
        options.only("interpolation", "bicubic");
        options.only("resize_mode", "shortest");
        options.only("mode", "RGB");
        options.inert("size", "fill_color");
        var mean = options.numbers("mean", MEAN);
        var deviation = options.numbers("std", DEVIATION);
        options.refuseOthers();
        return torchvision(sized(side, ModelConfig.of(file.toString(), "{}"))
                .with("image_mean", mean)
                .with("image_std", deviation));
    }

    private static ModelConfig sized(int side, ModelConfig options) {
        return options.with("size", side).with("crop_size", side);
    }

    private Size size(String key, Size orElse) {
        if (!config.has(key)) {
            return orElse;
        }
        if (!config.isSection(key)) {
            return new Size(config.integer(key, 0), 0, 0);
        }
        var section = config.section(key);
        int shortest = section.integer("shortest_edge", 0);
        var read = new Size(shortest, section.integer("width", 0), section.integer("height", 0));
        section.refuseOthers();
        if (shortest > 0 ? read.width > 0 || read.height > 0 : read.width <= 0 || read.height <= 0) {
            throw new TillerException(
                    config.where() + ": " + key + " must have either shortest_edge, or width and height.");
        }
        return read;
    }

    /**
     * By way of 8 bits.
     *
     * @return N×3×h×w float32 on the CPU
     * @throws TillerException if the crop is larger than the resized pictures
     */
    public Tensor eightBit(Images images) {
        var resized = whole ? new Size(0, crop.width, crop.width) : size.of(images.width(), images.height());
        var to = crop.of(resized.width, resized.height);
        margin(resized.width, to.width);
        margin(resized.height, to.height);
        int numbers = 3 * to.width * to.height;
        var all = new float[images.size() * numbers];
        var rows = IntStream.range(0, images.size());
        (Engine.threads() > 1 ? rows.parallel() : rows).forEach(i -> normalise(picture(images, i), all, i * numbers));
        return Tensor.of(all, images.size(), 3, to.height, to.width);
    }

    /** On one core: each takes pictures of its own. */
    private RgbImage picture(Images images, int row) {
        var rgb = Engine.alone(() -> images.rgb8(row));
        return cropped(resized(new RgbImage(rgb, images.width(), images.height())));
    }

    RgbImage resized(RgbImage picture) {
        if (whole) {
            var inner = inner(picture.width(), picture.height());
            return picture.resized(inner.width, inner.height, Kernel.BICUBIC).padded(crop.width, crop.width);
        }
        var to = size.of(picture.width(), picture.height());
        return picture.resized(to.width, to.height, Kernel.BICUBIC);
    }

    /** The size inside the square that keeps the proportions; halves are rounded to the even neighbour. */
    private Size inner(int w, int h) {
        double factor = crop.width / (double) Math.max(w, h);
        return new Size(0, (int) Math.max(1, Math.rint(w * factor)), (int) Math.max(1, Math.rint(h * factor)));
    }

    /** Half of a crop's margin. */
    private static int down(int margin) {
        return margin / 2;
    }

    private static int toEven(int margin) {
        return (int) Math.rint(margin / 2.0);
    }

    /** The middle. */
    RgbImage cropped(RgbImage picture) {
        var to = crop.of(picture.width(), picture.height());
        return picture.cropped(
                half.applyAsInt(margin(picture.width(), to.width)),
                half.applyAsInt(margin(picture.height(), to.height)),
                to.width,
                to.height);
    }

    private int margin(int whole, int part) {
        if (part > whole) {
            throw new TillerException(config.where() + ": crop_size is " + part
                    + " pixels, but the resized picture has only " + whole + "; padding is not supported.");
        }
        return whole - part;
    }

    /** Writes 3×h×w numbers from {@code start}. */
    void normalise(RgbImage picture, float[] to, int start) {
        var rgb = picture.rgb();
        int plane = rgb.length / 3;
        for (int c = 0; c < 3; c++) {
            var levels = new float[256];
            for (int level = 0; level < levels.length; level++) {
                levels[level] = (float) ((level / 255.0 - mean[c]) / deviation[c]);
            }
            for (int i = 0; i < plane; i++) {
                to[start + c * plane + i] = levels[rgb[3 * i + c] & 0xff];
            }
        }
    }

    /**
     * In floating point, with a gradient; overshoot at sharp edges is not cut off.
     *
     * @param images N×3×H×W in [0, 1]
     * @return N×3×h×w of the same type, on the same device
     * @throws TillerException if the crop is larger than the resized pictures
     */
    public Tensor smooth(Tensor images) {
        return smooth(images, ClipImageProcessor::toEven);
    }

    /**
     * The values of {@link #eightBit} with a gradient straight through the rounding: that of the same resizing, cropping
     * and normalising in floating point (Bengio, Léonard and Courville 2013).
     *
     * @param images N×3×H×W float32 in [0, 1]
     * @return N×3×h×w float32, on the same device
     */
    public Tensor straightThrough(Tensor images) {
        if (Recording.takesMaps()) {
            return Recording.through(new StraightThrough(), images);
        }
        try (var scope = Scope.open()) {
            var values = scope.keep(eightBit(new Images(images.detached())).to(images.device()));
            if (!Recording.isActive()) {
                return values;
            }
            return scope.keep(Kernels.straightThrough(values, smooth(images, half)));
        }
    }

    /** The values of {@link #eightBit}, back as {@link #smooth} goes, which is linear: its values are never needed. */
    private final class StraightThrough implements Pullback<Tensor, Tensor> {
        @Override
        public Tensor apply(Tensor images) {
            return straightThrough(images);
        }

        @Override
        public Tape<Tensor, Tensor> tape(Tensor images) {
            var values = straightThrough(images);
            return new Tape<>() {
                @Override
                public Tensor value() {
                    return values;
                }

                @Override
                public Tensor pull(Tensor cotangent) {
                    return smoothPull(cotangent, images.dim(3), images.dim(2));
                }

                @Override
                public void close() {
                    values.close();
                }
            };
        }
    }

    /** The way back of {@link #smooth}, to pictures of this size. */
    private Tensor smoothPull(Tensor cotangent, int width, int height) {
        try (var scope = Scope.open()) {
            var to = whole ? inner(width, height) : size.of(width, height);
            var x = cotangent.dividedBy(channels(deviation, cotangent));
            if (whole) {
                int left = (crop.width - to.width) / 2;
                int top = (crop.width - to.height) / 2;
                x = x.slice(2, top, top + to.height).slice(3, left, left + to.width);
            } else {
                var part = crop.of(to.width, to.height);
                if (!part.equals(to)) {
                    int left = half.applyAsInt(margin(to.width, part.width));
                    int top = half.applyAsInt(margin(to.height, part.height));
                    x = Kernels.pad(x, left, to.width - part.width - left, top, to.height - part.height - top);
                }
            }
            if (to.width != width || to.height != height) {
                x = Kernels.interpolateBicubicPull(x, height, width);
            }
            return scope.keep(x);
        }
    }

    private Tensor smooth(Tensor images, IntUnaryOperator halved) {
        try (var scope = Scope.open()) {
            var x = images;
            var to = whole ? inner(x.dim(3), x.dim(2)) : size.of(x.dim(3), x.dim(2));
            if (to.width != x.dim(3) || to.height != x.dim(2)) {
                x = Kernels.interpolateBicubic(x, to.height, to.width, true);
            }
            if (whole) {
                int left = (crop.width - to.width) / 2;
                int top = (crop.width - to.height) / 2;
                x = Kernels.pad(x, left, crop.width - to.width - left, top, crop.width - to.height - top);
                to = new Size(0, crop.width, crop.width);
            }
            var part = crop.of(x.dim(3), x.dim(2));
            if (!part.equals(to)) {
                int left = halved.applyAsInt(margin(x.dim(3), part.width));
                int top = halved.applyAsInt(margin(x.dim(2), part.height));
                x = x.slice(2, top, top + part.height).slice(3, left, left + part.width);
            }
            var shift = channels(mean, x);
            return scope.keep(x.minus(shift).dividedBy(channels(deviation, x)));
        }
    }

    private static Tensor channels(double[] values, Tensor like) {
        return Tensor.of(values, 1, 3, 1, 1).to(like.dtype()).to(like.device());
    }
}
