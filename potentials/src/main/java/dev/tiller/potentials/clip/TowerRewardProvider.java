// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What all rewards through a tower have in common: the options {@code model}, {@code pixels} and {@code dtype}. */
abstract class TowerRewardProvider implements RewardProvider<Images> {
    static final String EMBEDDED = "scenes-clip";

    private final String model;
    private final List<Option> own;

    /**
     * @param model the model where none is named
     * @param own options beside those
     */
    TowerRewardProvider(String model, Option... own) {
        this.model = model;
        this.own = List.of(own);
    }

    @Override
    public final Class<Images> looksAt() {
        return Images.class;
    }

    @Override
    public final List<Option> options() {
        var options = new ArrayList<>(own);
        options.add(0, new Option("model", "name or folder of a CLIP or SigLIP model, or a file of open_clip", model));
        options.add(TowerOptions.PIXELS);
        options.add(TowerOptions.MAPS);
        return options;
    }

    /** What is made of a picture's place. */
    abstract Head head(RewardRequest request, Tower tower);

    /** Name, folder or file of the model. */
    String model(RewardRequest request) {
        return request.option("model", model);
    }

    /** Which weights are meant by a model's folder. */
    Path weights(Path folder) {
        return folder;
    }

    /** Whether pictures that are not square are seen whole, and not cropped. */
    boolean whole() {
        return false;
    }

    @Override
    public final Reward<Images> create(RewardRequest request) {
        var look = new Tower.Look(
                TowerOptions.eightBit(request, info().name()), whole(), TowerOptions.maps(request, info().name()));
        var named = model(request);
        var file = Path.of(named);
        var source = Files.isRegularFile(file) ? file : weights(request.models().apply(named));
        var tower = Tower.open(source, Device.parse(request.device()), look);
        try {
            return new TowerReward(info(), tower, head(request, tower));
        } catch (RuntimeException | Error e) {
            tower.close();
            throw e;
        }
    }

    static double number(RewardRequest request, String key, double otherwise) {
        var text = request.option(key, Double.toString(otherwise));
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TillerException("The option " + key + " wants a number, not '" + text + "'.");
    }
}
