// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.Reward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.reward.SetDistances;
import dev.tiller.reward.SetDistances.Measure;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code population(measure=vendi)}, {@code population(measure=frechet, exemplars=FOLDER)}: what each picture does for the
 * whole population: its diversity (Vendi), or its nearness to a set of exemplars (Fréchet or kernel distance of CLIP's
 * features), by leave-one-out credit (DRAGON, Bai et al. 2025, arXiv:2504.15217). The measure itself is shown beside it.
 */
public final class PopulationProvider implements RewardProvider<Images> {
    private static final String VENDI = "vendi";
    private static final RewardInfo INFO = new RewardInfo(
            "population",
            "what the picture does for the whole population: diversity, or nearness to exemplars",
            "the population's size times what the measure would lose without the picture",
            false,
            false);

    @Override
    public RewardInfo info() {
        return INFO;
    }

    @Override
    public Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("model", "name or folder of a CLIP or SigLIP model", TowerRewardProvider.EMBEDDED),
                new Option("measure", "vendi, frechet or kernel", VENDI),
                new Option("exemplars", "folder of pictures, for frechet and kernel", "none"),
                TowerOptions.MAPS);
    }

    @Override
    public Reward<Images> create(RewardRequest request) {
        var folder = request.models().apply(request.option("model", TowerRewardProvider.EMBEDDED));
        var look = new Tower.Look(true, false, TowerOptions.maps(request, INFO.name()));
        var tower = Tower.open(folder, Device.parse(request.device()), look);
        try {
            return new Credited(tower, request.option("measure", VENDI), measure(request, tower));
        } catch (RuntimeException | Error e) {
            tower.close();
            throw e;
        }
    }

    private static Measure measure(RewardRequest request, Tower tower) {
        var folder = request.option("exemplars", "");
        var name = request.option("measure", VENDI);
        if (name.equals(VENDI)) {
            if (!folder.isEmpty()) {
                throw new TillerException("Diversity is measured without exemplars: leave them out, or give measure=.");
            }
            return SetDistances::vendi;
        }
        if (!name.equals("frechet") && !name.equals("kernel")) {
            throw new TillerException("A population is measured by vendi, frechet or kernel, not by " + name + ".");
        }
        var exemplars = exemplars(folder, tower);
        double bandwidth = SetDistances.medianDistance(exemplars);
        return name.equals("frechet")
                ? rows -> -SetDistances.frechet(rows, exemplars)
                : rows -> -SetDistances.kernel(rows, exemplars, bandwidth);
    }

    private static double[][] exemplars(String folder, Tower tower) {
        if (folder.isEmpty()) {
            throw new TillerException(
                    "These measures need a folder of pictures: population(measure=frechet," + " exemplars=FOLDER).");
        }
        var places = new ArrayList<double[]>();
        try (var files = Files.list(Path.of(folder))) {
            var pictures = files.filter(f ->
                            f.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g)"))
                    .sorted()
                    .toList();
            for (var file : pictures) {
                places.add(tower.reference(file));
            }
        } catch (IOException e) {
            throw new TillerException("Cannot read the folder " + folder + "; does it exist?", e);
        }
        if (places.isEmpty()) {
            throw new TillerException("There are no PNG or JPEG files in " + folder + ".");
        }
        return places.toArray(double[][]::new);
    }

    private record Credited(Tower tower, String name, Measure measure) implements PopulationReward<Images, double[]> {
        @Override
        public RewardInfo info() {
            return INFO;
        }

        @Override
        public List<double[]> look(Images part) {
            return List.of(tower.pictures(part));
        }

        @Override
        public Scores value(List<double[]> seen) {
            var rows = seen.toArray(double[][]::new);
            var whole = new double[rows.length];
            Arrays.fill(whole, measure.of(rows));
            return new Scores(SetDistances.credit(rows, measure), Map.of(name + " of all", whole));
        }

        @Override
        public boolean shares() {
            return true;
        }

        @Override
        public void close() {
            tower.close();
        }
    }
}
