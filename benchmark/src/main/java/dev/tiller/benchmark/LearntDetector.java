// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.potentials.clip.ColourClassifier;
import dev.tiller.potentials.detect.FoundObject;
import dev.tiller.potentials.detect.ObjectFinder;
import dev.tiller.potentials.geneval.Confidence;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.pixels.RgbImage;
import dev.tiller.record.Picture;
import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.weights.Sha256;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Objects in photographs by a detector that learnt to see them, filtered as GenEval filters; and with {@code colors=FOLDER} their
 * colours by a CLIP model, where the rules ask for them.
 */
final class LearntDetector implements Detector {
    private static final String COLORS = "colors";
    private static final List<String> CONFIGURATIONS = List.of("config.json", "preprocessor_config.json");

    private final Named written;
    private final ObjectFinder objects;
    private final @Nullable ColourClassifier colours;

    private LearntDetector(Named written, ObjectFinder objects, @Nullable ColourClassifier colours) {
        this.written = written;
        this.objects = objects;
        this.colours = colours;
    }

    /** @throws TillerException if there is no such detector, or it has no such options */
    static void check(Named written) {
        var kind = kind(written);
        var others = new TreeSet<>(written.options().keySet());
        kind.wanted().forEach(others::remove);
        kind.possible().forEach(others::remove);
        others.remove(COLORS);
        if (!others.isEmpty() || !written.options().keySet().containsAll(kind.wanted())) {
            throw new TillerException("The detector " + kind.word() + " wants " + String.join(" and ", kind.wanted())
                    + " and takes "
                    + Stream.concat(kind.possible().stream(), Stream.of(COLORS)).collect(Collectors.joining(", "))
                    + (others.isEmpty() ? "." : ", not " + String.join(", ", others) + "."));
        }
        kind.check(written.options());
    }

    private static DetectorKind kind(Named written) {
        return Stream.of(DetectorKind.values())
                .filter(kind -> kind.word().equals(written.name()))
                .findFirst()
                .orElseThrow(() -> new TillerException("There is no detector '" + written.name()
                        + "'; there are detr(path=FOLDER) and torchscript(path=FILE, labels=FILE), both with"
                        + " colors=FOLDER if need be."));
    }

    /**
     * Loads it.
     *
     * @param models finds a folder by name or path
     * @throws TillerException if it will not load, does not know a class that the suite asks for, or the suite asks for colours and
     *     there is no {@code colors}
     */
    static LearntDetector load(Named written, Suite suite, Function<String, Path> models, Device device) {
        var options = written.options();
        var clauses = suite.clauses();
        if (!options.containsKey(COLORS) && clauses.stream().anyMatch(c -> c.colour() != null)) {
            throw new TillerException("The suite " + suite.name()
                    + " asks for colours, which " + kind(written).words() + " does not see; name a CLIP model too:"
                    + " colors=openai/clip-vit-large-patch14.");
        }
        var objects = kind(written).load(options, models, device);
        try {
            var unknown = new TreeSet<String>();
            var known = new HashSet<>(objects.classes());
            clauses.stream()
                    .map(Clause::type)
                    .filter(type -> !known.contains(type))
                    .forEach(unknown::add);
            if (!unknown.isEmpty()) {
                throw new TillerException("The suite " + suite.name() + " asks for " + String.join(", ", unknown)
                        + ", which the detector " + written + " does not know.");
            }
            var colours = options.containsKey(COLORS) ? ColourClassifier.open(colours(options, models), device) : null;
            return new LearntDetector(written, objects, colours);
        } catch (RuntimeException | Error e) {
            objects.close();
            throw e;
        }
    }

    private static Path colours(Map<String, String> options, Function<String, Path> models) {
        return models.apply(options.getOrDefault(COLORS, ""));
    }

    /** The files of its models that what it finds depends on. */
    static List<WeightFile> files(Named written, Function<String, Path> models) {
        var files = new ArrayList<>(kind(written).files(written.options(), models));
        if (written.options().containsKey(COLORS)) {
            files.addAll(modelFiles(colours(written.options(), models)));
        }
        return files.stream().map(LearntDetector::hashed).toList();
    }

    /** Configurations and weights in a folder of transformers. */
    static List<Path> modelFiles(Path folder) {
        return Stream.concat(
                        CONFIGURATIONS.stream().map(folder::resolve).filter(Files::isRegularFile),
                        WeightFiles.in(folder).files().stream())
                .toList();
    }

    private static WeightFile hashed(Path file) {
        try {
            var folder = file.toAbsolutePath().getParent();
            return new WeightFile(
                    (folder == null ? "" : folder.getFileName() + "/") + file.getFileName(),
                    Files.size(file),
                    Sha256.of(file));
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ": " + e.getMessage() + ".", e);
        }
    }

    static String remark(Named written) {
        var colours = written.options().get(COLORS);
        return "Objects were found by " + kind(written).words() + ", " + written
                + ", and not by GenEval's Mask2Former, for which the protocol's"
                + " thresholds were chosen: the numbers can be compared with others of this detector, and not with published"
                + " GenEval scores."
                + (colours == null
                        ? ""
                        : " Colours were told by the CLIP model " + colours
                                + (kind(written).masks(written.options())
                                        ? " on objects' boxes, pixels outside of their masks made grey as GenEval does."
                                        : " on objects' boxes as they are, since this"
                                                + " detector gives no masks, outside of which GenEval makes pixels grey."));
    }

    @Override
    public String remark() {
        return remark(written);
    }

    @Override
    public List<Detection> find(Picture picture, SuitePrompt asked) {
        var image = new RgbImage(picture.rgb(), picture.width(), picture.height());
        var kept = Confidence.kept(objects.find(image), FoundObject::detection, asked.tag());
        var wanted = coloured(asked);
        var found = new ArrayList<Detection>();
        for (var object : kept) {
            var one = object.detection();
            boolean ask = wanted.merge(one.type(), -1, Integer::sum) >= 0;
            found.add(
                    ask && colours != null
                            ? new Detection(
                                    one.type(),
                                    one.score(),
                                    one.box(),
                                    colours.colour(image, one.type(), one.box(), object.mask()))
                            : one);
        }
        return found;
    }

    /** Of how many objects of a class the rules look at the colour. */
    private static Map<String, Integer> coloured(SuitePrompt asked) {
        var counts = new HashMap<String, Integer>();
        var rules = asked.rules();
        if (rules != null) {
            rules.include().stream()
                    .filter(clause -> clause.colour() != null)
                    .forEach(clause -> counts.merge(clause.type(), clause.count(), Math::max));
        }
        return counts;
    }

    @Override
    public void close() {
        objects.close();
        if (colours != null) {
            colours.close();
        }
    }
}
