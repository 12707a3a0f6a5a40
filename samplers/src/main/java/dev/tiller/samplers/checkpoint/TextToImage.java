// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import dev.tiller.gradient.Pullback;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.SizeConditioning;
import dev.tiller.samplers.scheduler.Scheduler;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import dev.tiller.samplers.unet.UNet;
import dev.tiller.samplers.unet.UNetConfig;
import dev.tiller.samplers.vae.LatentDecoder;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.RowwiseMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A text-to-image checkpoint in diffusers format, loaded: text encoders, UNet, VAE decoder and the scheduler's
 * configuration. It holds no state of a run, so one serves many, one after another.
 */
public final class TextToImage implements AutoCloseable {
    /** Latent pixels that a micro-batch may have by default: 32 pictures of the embedded model, 2 of SD 1.5. */
    public static final int LATENT_PIXELS = 8192;

    /**
     * Parameters times pixels of latents. The embedded models have 0.5 thousand millions, and a UNet of 71 million parameters, with 73
     * at 32×32, gains a quarter by a second core.
     */
    private static final long LIGHT = 4_000_000_000L;

    private final Path folder;
    private final ModelIndex index;
    private final TextEncoder textEncoder;
    private final UNet unet;
    private final LatentDecoder decoder;
    private final SchedulerConfig scheduler;
    private final int defaultLatentSize;
    private final Device device;
    private final List<Path> weightFiles;
    private final Workers workers;

    private TextToImage(
            Path folder,
            ModelIndex index,
            TextEncoder textEncoder,
            UNet unet,
            LatentDecoder decoder,
            SchedulerConfig scheduler,
            int defaultLatentSize,
            Device device,
            List<Path> weightFiles) {
        this.folder = folder;
        this.index = index;
        this.textEncoder = textEncoder;
        this.unet = unet;
        this.decoder = decoder;
        this.scheduler = scheduler;
        this.defaultLatentSize = defaultLatentSize;
        this.device = device;
        this.weightFiles = weightFiles;
        // A GPU does one thing at a time; the cores of a CPU each take a micro-batch.
        this.workers = new Workers(device.equals(Device.CPU) ? Engine.threads() : 1);
    }

    /**
     * Loads a diffusers folder.
     *
     * @param dtype what the networks compute in; noise, latents and the scheduler stay in float32
     * @throws TillerException if a file is missing, broken or asks for what is not supported
     */
    public static TextToImage load(Path folder, DType dtype, Device device) {
        var index = ModelIndex.read(folder);
        var weightFiles = weightFiles(folder, index);
        var unetFile = ModelConfig.read(folder.resolve("unet").resolve("config.json"));
        var unetConfig = UNetConfig.of(unetFile);
        // As in the library, the index says which class it is, and the file only its options.
        var scheduler =
                SchedulerConfig.of(ModelConfig.read(folder.resolve("scheduler").resolve("scheduler_config.json"))
                        .with("_class_name", index.parts().getOrDefault("scheduler", "")));
        var textEncoder = TextEncoder.load(folder, index, dtype, device);
        UNet unet = null;
        try (var weights = MappedWeights.open(WeightFiles.in(folder.resolve("unet")), dtype, device)) {
            unet = UNet.load(weights, unetConfig);
            var decoder = LatentDecoder.load(folder.resolve("vae"), dtype, device);
            if (unetConfig.inChannels() != decoder.config().latentChannels()) {
                decoder.close();
                throw new TillerException("The UNet of " + folder + " reads " + unetConfig.inChannels()
                        + " channels where the VAE has " + decoder.config().latentChannels()
                        + ": an inpainting model needs a picture and a mask, which 'run' does not take.");
            }
            if (unetConfig.outChannels() != unetConfig.inChannels()) {
                decoder.close();
                throw new TillerException(
                        "The UNet of " + folder + " gives " + unetConfig.outChannels() + " channels where it reads "
                                + unetConfig.inChannels() + ": what the others are for is not known.");
            }
            return new TextToImage(
                    folder,
                    index,
                    textEncoder,
                    unet,
                    decoder,
                    scheduler,
                    unetFile.integer("sample_size", 64),
                    device,
                    weightFiles);
        } catch (RuntimeException | Error e) {
            textEncoder.close();
            if (unet != null) {
                unet.close();
            }
            throw e;
        }
    }

    /**
     * Every file that the weights of a folder are read from.
     *
     * @throws TillerException if there are none
     */
    public static List<Path> weightFiles(Path folder) {
        return weightFiles(folder, ModelIndex.read(folder));
    }

    private static List<Path> weightFiles(Path folder, ModelIndex index) {
        var files = new ArrayList<Path>();
        for (var part : index.weighted()) {
            files.addAll(WeightFiles.in(folder.resolve(part)).files());
        }
        return Collections.unmodifiableList(files);
    }

    /** The folder it was loaded from. */
    public Path folder() {
        return folder;
    }

    /** What it computes on. */
    public Device device() {
        return device;
    }

    /** Every file that weights were read from. */
    public List<Path> weightFiles() {
        return weightFiles;
    }

    /** What the user should know about this checkpoint, in sentences. */
    public List<String> remarks() {
        return index.remarks();
    }

    /** The text encoder and its tokenizer. */
    public TextEncoder textEncoder() {
        return textEncoder;
    }

    /** The denoising network; owned by this. */
    public UNet unet() {
        return unet;
    }

    /** What the checkpoint says of its scheduler. */
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /** How many pixels of the picture a pixel of the latents is wide. */
    public int pixelsPerLatent() {
        return decoder.config().pixelsPerLatent();
    }

    /**
     * Latents to pictures, which the caller closes; each core takes an equal part.
     *
     * @throws TillerException if finite latents become a picture that is not
     */
    public Images decode(Tensor latents) {
        var pictures = workers.rows(
                latents, Integer.MAX_VALUE, rows -> decoder.decode(rows).tensor());
        if (!remainFinite(latents, pictures)) {
            pictures.close();
            throw new TillerException("The picture that the VAE of " + folder + " makes is not finite: its weights are"
                    + " damaged, or the dtype's range is too small for them (try float32).");
        }
        return new Images(pictures);
    }

    /** Whether each row is finite after as it was before: of a particle that was given up it may not have been. */
    private static boolean remainFinite(Tensor before, Tensor after) {
        try (var scope = Scope.open()) {
            double[] from = sums(before);
            double[] to = sums(after);
            return IntStream.range(0, from.length).allMatch(i -> !Double.isFinite(from[i]) || Double.isFinite(to[i]));
        }
    }

    /** A sum is not finite where one of its terms is not, and costs next to nothing. */
    private static double[] sums(Tensor x) {
        return x.to(DType.FLOAT32)
                .reshape(x.size(), x.elements() / x.size())
                .sum(1)
                .toDoubles();
    }

    /** {@link #decode} as a differentiable map to N×3×H×W. */
    public Pullback<Tensor, Tensor> decoder(Checkpointing checkpointing) {
        return new RowwiseMap(decoder.pullback(checkpointing), workers, Integer.MAX_VALUE);
    }

    /**
     * The sampler of one prompt; the caller closes it.
     *
     * @throws TillerException if the size does not fit the network, or the scheduler is unknown
     */
    public DiffusionKernel sampler(Sampling how) {
        return sampler(how, plan(how));
    }

    /**
     * The sampler of one prompt by a plan of steps of one's own; the caller closes it.
     *
     * @param how all but its scheduler, steps and eta, which do not matter then
     * @param plan for what the network predicts, {@link #scheduler} says
     * @throws TillerException if the size does not fit the network
     */
    public DiffusionKernel sampler(Sampling how, Scheduler plan) {
        long[] rowShape = {
            decoder.config().latentChannels(), latentSize(how.height(), "height"), latentSize(how.width(), "width")
        };
        int microBatch = microBatch(how, rowShape);
        return new DiffusionKernel(
                unet,
                plan,
                condition(how, rowShape),
                how.guidance(),
                embedsGuidance(),
                rowShape,
                how.noise(),
                microBatch,
                workers,
                device);
    }

    /** Particles through the network at a time. */
    public int microBatch(Sampling how) {
        return microBatch(how, new long[] {1, latentSize(how.height(), "height"), latentSize(how.width(), "width")});
    }

    /**
     * Whether one picture at a time is so little work that one core is faster than several, which wait for each other at the end
     * of each operation: the embedded models, and not those of others.
     *
     * @param width of the picture in pixels, or 0 for the model's own
     */
    public boolean isLight(int width, int height) {
        return unet.parameters() * latentSize(height, "height") * latentSize(width, "width") < LIGHT;
    }

    private static int microBatch(Sampling how, long[] rowShape) {
        return how.microBatch() > 0 ? how.microBatch() : (int) Math.max(1, LATENT_PIXELS / (rowShape[1] * rowShape[2]));
    }

    private Scheduler plan(Sampling how) {
        var solver = how.scheduler() == null ? scheduler : scheduler.withSolver(how.scheduler());
        return solver.acceptsEta() ? solver.plan(how.steps(), how.eta()) : solver.plan(how.steps());
    }

    private long latentSize(int pixels, String what) {
        if (pixels == 0) {
            return defaultLatentSize;
        }
        int multiple = pixelsPerLatent() << (unet.config().levels() - 1);
        if (pixels % multiple != 0) {
            int near = Math.max(multiple, Math.round((float) pixels / multiple) * multiple);
            throw new TillerException("The " + what + " must be a multiple of " + multiple
                    + " pixels for this model, and " + pixels + " is not; " + near + " is.");
        }
        return pixels / pixelsPerLatent();
    }

    /** An LCM is told the guidance scale instead of being guided. */
    private boolean embedsGuidance() {
        return unet.config().guidanceChannels() > 0;
    }

    private UNet.Conditioning condition(Sampling how, long[] rowShape) {
        try (var scope = Scope.open()) {
            var told = textEncoder.encode(List.of(how.prompt()), how.clipSkip());
            if (!embedsGuidance() && how.guidance().needsNegative()) {
                told = negative(how, told).with(told);
            }
            var guidance = embedsGuidance() ? scale(how.guidance()) : null;
            if (unet.config().sizeChannels() == 0 || told.pooled().isEmpty()) {
                return unet.prepare(new UNet.Prompt(told.states(), guidance, null, null));
            }
            var sizes = scope.adopt(sizes(how, rowShape).numbers(told.states().size()));
            return unet.prepare(
                    new UNet.Prompt(told.states(), guidance, told.pooled().get(), sizes.to(device)));
        }
    }

    /** As in diffusers, layers are skipped for the prompt and not for what it should not be. */
    private TextEncoder.Encoded negative(Sampling how, TextEncoder.Encoded prompt) {
        return how.negative().isEmpty() && index.zerosForEmpty()
                ? prompt.zeros()
                : textEncoder.encode(List.of(how.negative()), 0);
    }

    /** Meng et al. 2023: sinusoid of 1000 (w − 1). */
    private Tensor scale(ClassifierFreeGuidance guidance) {
        var scale = Tensor.of(new double[] {guidance.scale() - 1}, 1).to(DType.FLOAT32);
        return Kernels.sinusoid(scale, unet.config().guidanceChannels(), false, 1, 1000)
                .to(device);
    }

    private SizeConditioning sizes(Sampling how, long[] rowShape) {
        var given = how.sizes();
        return given != null
                ? given
                : SizeConditioning.of((int) rowShape[1] * pixelsPerLatent(), (int) rowShape[2] * pixelsPerLatent());
    }

    @Override
    public void close() {
        workers.close();
        textEncoder.close();
        unet.close();
        decoder.close();
    }
}
