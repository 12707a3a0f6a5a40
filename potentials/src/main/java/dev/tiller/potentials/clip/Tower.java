// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.nn.clip.PictureTextFiles;
import dev.tiller.nn.clip.PictureTextModel;
import dev.tiller.nn.clip.SiglipModel;
import dev.tiller.potentials.Sharing;
import dev.tiller.record.Png;
import dev.tiller.reward.JointReward.Joint;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Checkpointing;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Engine;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.RecordedMap;
import dev.tiller.tensor.RowwiseMap;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Workers;
import dev.tiller.text.ClipTokenizer;
import dev.tiller.text.Excerpt;
import dev.tiller.text.Tokens;
import dev.tiller.text.WordTokenizer;
import dev.tiller.weights.FileIdentity;
import dev.tiller.weights.Sha256;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model of pictures and texts that rewards look through. Rewards whose weights are the same files share one: it is
 * loaded once, each text is encoded once, and what several rewards ask of the same pictures is computed once. Pictures
 * are looked at some at a time, in a way that a value never depends on the batch. Closed when the last reward lets go of it.
 */
public final class Tower implements AutoCloseable {
    private static final Sharing<Identity, Tower> OPEN = new Sharing<>();
    private static final int MOST_TEXTS = 256;
    private static final int MOST_FILES = 4096;
    /** Pictures through the network at a time on one core, at most. */
    private static final int CHUNK = 8;
    /**
     * The most numbers in one array on the way. glibc gives arrays of 32 MiB back to the system, and whoever makes the next
     * one waits for zeroed pages: twice the time of an activation.
     */
    private static final long NUMBERS = 5L << 20;

    /**
     * How pictures are looked at.
     *
     * @param eightBit whether they are rounded to 8 bits first, as published scores are made; else they are seen as they are
     * @param whole whether the longer edge is resized and the rest left black, as HPSv2 does, instead of cropping the middle
     * @param maps the type of the linear maps of the picture tower's layers; all else is float32
     */
    public record Look(boolean eightBit, boolean whole, DType maps) {
        /** As published scores of CLIP are made. */
        public static final Look PUBLISHED = new Look(true, false, DType.FLOAT32);
    }

    /** Two towers with this alike are one. */
    private record Identity(List<FileIdentity> files, Device device, Look look) {}

    private final Identity identity;
    private final Path source;
    private final PictureTextModel model;
    private final ClipImageProcessor processor;
    private final int chunk;
    private final Workers workers;
    /** {@link #place}. */
    private final RowwiseMap map;

    private final Map<String, Encoded> texts = latest(MOST_TEXTS);
    /** {@link #kept}. */
    private final Map<Read, Object> read = latest(MOST_FILES);

    private @Nullable WeakReference<Tensor> lastPictures;
    private double[][] lastPlaces = {};
    /** Once a text is read; one of the two. */
    private @Nullable ClipTokenizer tokenizer;

    private @Nullable WordTokenizer words;
    private long picturesSeen;
    private long textsEncoded;
    private long picturesGraded;

    private record Read(Class<?> kind, FileIdentity file) {}

    /** A text's place, and how many of its last tokens had no room. */
    private record Encoded(double[] place, Tokens tokens) {}

    private Tower(Identity identity, Path source, PictureTextModel model, ClipImageProcessor processor) {
        this.identity = identity;
        this.source = source;
        this.model = model;
        this.processor = processor;
        this.chunk = identity.device().isCpu()
                ? (int) Math.max(1, Math.min(CHUNK, NUMBERS / model.numbersPerPicture()))
                : CHUNK;
        this.workers = new Workers(identity.device().isCpu() ? Engine.threads() : 1);
        this.map = new RowwiseMap(new RecordedMap(this::place, Checkpointing.AUTO), workers, chunk);
    }

    /** Those that were used last, so many at most. */
    private static <K, V> Map<K, V> latest(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }

    /**
     * The tower of these weights, loaded unless it is open already.
     *
     * @param source a folder in transformers' or open_clip's layout, or a file in open_clip's
     * @throws TillerException if a file is missing or asks for what is not supported
     */
    public static Tower open(Path source, Device device, Look look) {
        var files = PictureTextFiles.weights(source);
        var identity = new Identity(files.files().stream().map(FileIdentity::of).toList(), device, look);
        return OPEN.open(identity, () -> load(identity, source));
    }

    private static Tower load(Identity identity, Path source) {
        var look = identity.look();
        var model = PictureTextFiles.load(source, DType.FLOAT32, look.maps(), identity.device());
        try {
            return new Tower(identity, source, model, processor(source, model, look.whole()));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static ClipImageProcessor processor(Path source, PictureTextModel model, boolean whole) {
        if (whole) {
            return ClipImageProcessor.whole(model.imageSize());
        }
        var said = ClipImageProcessor.in(source);
        if (said.isPresent()) {
            return said.get();
        }
        if (Files.isRegularFile(source.resolve("open_clip_config.json"))) {
            return ClipImageProcessor.openClip(source.resolve("open_clip_config.json"), model.imageSize());
        }
        return model instanceof SiglipModel
                ? ClipImageProcessor.siglip(model.imageSize())
                : ClipImageProcessor.clip(model.imageSize());
    }

    /** The number of dimensions of the space. */
    int dimensions() {
        return text("", w -> {}).length;
    }

    double scale() {
        return model.scale();
    }

    double bias() {
        return model.bias();
    }

    /** Pictures that went through the network, texts, and pictures that went through it and back, since this was loaded. */
    synchronized long[] work() {
        return new long[] {picturesSeen, textsEncoded, picturesGraded};
    }

    /** How many towers are loaded now. */
    static int loaded() {
        return OPEN.size();
    }

    /**
     * A text's place in the space, a unit vector.
     *
     * @param warnings is told if the text is longer than the model reads
     * @throws TillerException if the model's folder has no tokenizer
     */
    synchronized double[] text(String text, Consumer<String> warnings) {
        var known = texts.get(text);
        if (known == null) {
            known = encode(text);
            texts.put(text, known);
        }
        if (known.tokens().lost() > 0) {
            warnings.accept("The text \"" + Excerpt.of(text) + "\" is longer than the reward's model reads: its last "
                    + known.tokens().lost() + " tokens do not count.");
        }
        return known.place().clone();
    }

    private Encoded encode(String text) {
        var folder =
                Files.isDirectory(source) ? source : source.toAbsolutePath().getParent();
        var tokens = tokens(folder, text);
        textsEncoded++;
        try (var scope = Scope.open()) {
            var ids = scope.adopt(Tensor.of(tokens.ids(), 1, tokens.ids().length));
            return new Encoded(model.texts(ids).toDoubles(), tokens);
        }
    }

    private Tokens tokens(@Nullable Path folder, String text) {
        if (folder == null) {
            throw new TillerException("There is no folder around " + source + " to find a tokenizer in.");
        }
        if (model instanceof SiglipModel) {
            if (words == null) {
                words = WordTokenizer.siglip(folder, model.length());
            }
            return words.encode(text);
        }
        if (tokenizer == null) {
            tokenizer = ClipTokenizer.load(folder);
        }
        return tokenizer.encode(text);
    }

    /**
     * What is made of a file, made once for all prompts as long as the file is not written again.
     *
     * @param kind what it becomes, one for each way of reading a file
     * @throws TillerException if there is no such file
     */
    synchronized <T> T kept(Path file, Class<T> kind, Supplier<T> make) {
        var key = new Read(kind, FileIdentity.of(file));
        var known = read.get(key);
        if (known == null) {
            known = make.get();
            read.put(key, known);
        }
        return kind.cast(known);
    }

    /** The place of the picture in a file, a unit vector. */
    double[] reference(Path file) {
        return kept(file, double[].class, () -> {
                    var picture = Png.read(file);
                    try (var one = Images.of(new byte[][] {picture.rgb()}, picture.width(), picture.height())) {
                        return pictures(one)[0];
                    }
                })
                .clone();
    }

    /** The pictures' places in the space, unit vectors of {@link #dimensions} numbers. */
    synchronized double[][] pictures(Images images) {
        if (lastPictures == null || lastPictures.get() != images.tensor()) {
            try (var scope = Scope.open()) {
                lastPlaces = rows(scope.adopt(map.apply(images.tensor())));
            }
            picturesSeen += images.size();
            // A tensor never changes: the same one holds the same pictures.
            lastPictures = new WeakReference<>(images.tensor());
        }
        return lastPlaces;
    }

    private static double[][] rows(Tensor matrix) {
        var flat = matrix.toDoubles();
        int width = matrix.dim(1);
        return IntStream.range(0, matrix.size())
                .mapToObj(i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width))
                .toArray(double[][]::new);
    }

    /** What heads make of the pictures' places, and the gradient of their weighted sum by the pixels: one pass for all. */
    Joint<Images> grade(Images images, List<Head> heads, List<Double> weights) {
        var places = new double[images.size()][];
        var gradients = new ArrayList<Tensor>();
        int most = chunk * workers.count();
        try (var scope = Scope.open()) {
            for (int from = 0; from < images.size(); from += most) {
                int to = Math.min(images.size(), from + most);
                try (var tape = map.tape(images.tensor().rows(from, to))) {
                    gradients.add(tape.pull(cotangents(tape.value(), from, heads, weights, places)));
                }
            }
            synchronized (this) {
                picturesGraded += images.size();
            }
            return new Joint<>(
                    heads.stream().map(head -> TowerReward.scores(head, places)).toList(),
                    new Images(scope.keep(Tensor.concat(0, gradients.toArray(Tensor[]::new)))));
        }
    }

    /** Fills in the places of the rows from {@code from} on, and gives sum_k weights[k] of the heads' gradients at each. */
    private Tensor cotangents(Tensor matrix, int from, List<Head> heads, List<Double> weights, double[][] places) {
        var rows = rows(matrix);
        var sums = new double[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            int start = i * rows[i].length;
            places[from + i] = rows[i];
            for (int k = 0; k < heads.size(); k++) {
                var gradient = heads.get(k).gradient(rows[i]);
                for (int j = 0; j < gradient.length; j++) {
                    sums[start + j] += weights.get(k) * gradient[j];
                }
            }
        }
        return Tensor.of(sums, matrix.shape()).to(DType.FLOAT32).to(identity.device());
    }

    /** The places of pictures, N×3×H×W to N×P. */
    private Tensor place(Tensor pictures) {
        var whole = identity.device().isCpu() ? pictures : filled(pictures);
        var pixels = identity.look().eightBit() ? processor.straightThrough(whole) : processor.smooth(whole);
        var all = model.pictures(pixels.to(identity.device()));
        return whole == pictures ? all : all.rows(0, pictures.size());
    }

    /** A GPU chooses its kernels by the size of the batch, so there all are of one size. */
    private Tensor filled(Tensor pictures) {
        return pictures.gather(IntStream.range(0, chunk)
                .map(i -> Math.min(i, pictures.size() - 1))
                .toArray());
    }

    /** SHA-256 of each file of the weights. */
    List<String> hashes() {
        return PictureTextFiles.weights(source).files().stream().map(Sha256::of).toList();
    }

    private synchronized void closeTokenizers() {
        if (tokenizer != null) {
            tokenizer.close();
        }
        if (words != null) {
            words.close();
        }
    }

    @Override
    public void close() {
        OPEN.release(identity, () -> {
            model.close();
            workers.close();
            closeTokenizers();
        });
    }
}
