// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.reward.LinearUtility;
import dev.tiller.reward.PairAccuracy;
import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What somebody likes: pictures by their places in a tower's space, and which of two was chosen. All of it is one small
 * JSON file, about 4 bytes for each dimension of each picture; what follows from it ({@link #utility}) is worked out when
 * needed. A person's own head on features that are shared by all, as PAL (Chen et al. 2024, arXiv:2406.08469) has it; with
 * a prior, and uncertainty about the person, as VPL (Poddar et al. 2024, arXiv:2408.10075); from a few choices of one
 * person, as PPD (Dang et al. 2025, arXiv:2501.06655) personalises a diffusion model.
 *
 * @param model name or folder of the model, as it was given
 * @param weights SHA-256 of its files of weights: of another model the places would mean nothing
 * @param pictures each once
 * @param pairs indices of pictures
 */
public record Taste(String model, List<String> weights, List<Shown> pictures, List<Pair> pairs) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FORMAT = "tiller-taste/1";
    private static final int FOLDS = 10;

    /** A picture by its name, which is for people, and its place, a unit vector. */
    public record Shown(String name, double[] place) {}

    public record Pair(int better, int worse) {}

    public Taste {
        weights = List.copyOf(weights);
        pictures = List.copyOf(pictures);
        pairs = List.copyOf(pairs);
    }

    /** The same with one choice more. */
    public Taste prefer(Shown better, Shown worse) {
        var all = new ArrayList<>(pictures);
        var more = new ArrayList<>(pairs);
        more.add(new Pair(index(all, better), index(all, worse)));
        return new Taste(model, weights, all, more);
    }

    private static int index(List<Shown> pictures, Shown picture) {
        for (int i = 0; i < pictures.size(); i++) {
            if (Arrays.equals(pictures.get(i).place(), picture.place())) {
                return i;
            }
        }
        pictures.add(picture);
        return pictures.size() - 1;
    }

    /**
     * What was learnt from all choices.
     *
     * @throws TillerException if there is none
     */
    public LinearUtility utility() {
        if (pairs.isEmpty()) {
            throw new TillerException("A taste is learnt from choices, and there is none yet.");
        }
        return LinearUtility.fit(differences(pairs));
    }

    private List<double[]> differences(List<Pair> pairs) {
        return pairs.stream()
                .map(p -> minus(
                        pictures.get(p.better()).place(),
                        pictures.get(p.worse()).place()))
                .toList();
    }

    /** The mean of the pictures: what utilities are measured from. */
    double[] centre() {
        var mean = new double[pictures.get(0).place().length];
        for (var picture : pictures) {
            for (int k = 0; k < mean.length; k++) {
                mean[k] += picture.place()[k] / pictures.size();
            }
        }
        return mean;
    }

    static double[] minus(double[] a, double[] b) {
        var difference = new double[a.length];
        Arrays.setAll(difference, k -> a[k] - b[k]);
        return difference;
    }

    /** How often choices are foretold that were not learnt from: ten-fold cross-validation, of at least two choices. */
    public PairAccuracy foretold() {
        int folds = Math.min(FOLDS, pairs.size());
        var scored = new ArrayList<PairAccuracy.Scored>();
        for (int fold = 0; fold < folds && folds > 1; fold++) {
            int left = fold;
            var learnt = IntStream.range(0, pairs.size())
                    .filter(i -> i % folds != left)
                    .mapToObj(pairs::get)
                    .toList();
            var utility = LinearUtility.fit(differences(learnt));
            for (int i = fold; i < pairs.size(); i += folds) {
                var pair = pairs.get(i);
                scored.add(new PairAccuracy.Scored(
                        "taste",
                        utility.value(pictures.get(pair.better()).place()),
                        utility.value(pictures.get(pair.worse()).place())));
            }
        }
        return PairAccuracy.of(scored);
    }

    /**
     * Writes it; whoever reads at the same time sees the old file or the new one.
     *
     * @throws TillerException if it cannot be written
     */
    public void save(Path file) {
        var root = JSON.createObjectNode().put("format", FORMAT).put("model", model);
        weights.forEach(root.putArray("weights")::add);
        var places = root.putArray("pictures");
        for (var picture : pictures) {
            places.addObject().put("name", picture.name()).put("place", text(picture.place()));
        }
        var choices = root.putArray("pairs");
        pairs.forEach(p -> choices.addArray().add(p.better()).add(p.worse()));
        var whole = file.toAbsolutePath();
        var part = whole.resolveSibling(whole.getFileName() + ".part");
        try {
            Files.createDirectories(whole.resolveSibling(""));
            Files.writeString(part, JSON.writeValueAsString(root) + "\n");
            Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw Disk.problem("write the taste", file, e);
        }
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws TillerException if there is no such file, or it is no taste
     */
    public static Taste read(Path file) {
        try {
            var root = JSON.readTree(Files.readString(file));
            if (!root.path("format").asText().equals(FORMAT)) {
                throw wrong(file, "it does not begin with \"format\": \"" + FORMAT + "\"");
            }
            var weights = new ArrayList<String>();
            root.path("weights").forEach(w -> weights.add(w.asText()));
            var pictures = new ArrayList<Shown>();
            for (var picture : root.path("pictures")) {
                pictures.add(new Shown(
                        picture.path("name").asText(),
                        place(picture.path("place").asText())));
            }
            var pairs = new ArrayList<Pair>();
            for (var pair : root.path("pairs")) {
                pairs.add(new Pair(
                        index(pair.path(0), pictures.size(), file), index(pair.path(1), pictures.size(), file)));
            }
            if (pictures.stream().mapToInt(p -> p.place().length).distinct().count() > 1) {
                throw wrong(file, "its pictures' places differ in length");
            }
            return new Taste(root.path("model").asText(), weights, pictures, pairs);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new TillerException("The file " + file + " holds no taste: it is not JSON, or is damaged.", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read the taste " + file + "; does it exist?", e);
        }
    }

    private static int index(JsonNode node, int pictures, Path file) {
        if (!node.isInt() || node.intValue() < 0 || node.intValue() >= pictures) {
            throw wrong(file, "a pair names picture " + node + " of " + pictures);
        }
        return node.intValue();
    }

    private static TillerException wrong(Path file, String what) {
        return new TillerException("The file " + file + " holds no taste: " + what + ".");
    }

    /** Places are float32 numbers: little endian, in base 64. */
    private static String text(double[] place) {
        var bytes = ByteBuffer.allocate(4 * place.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double x : place) {
            bytes.putFloat((float) x);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static double[] place(String text) {
        var bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
        var place = new double[bytes.remaining() / 4];
        Arrays.setAll(place, k -> bytes.getFloat(4 * k));
        return place;
    }
}
