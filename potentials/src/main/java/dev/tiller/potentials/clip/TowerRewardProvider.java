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

/** What all rewards through a tower have in common: the options {@code model} and {@code pixels}. */
abstract class TowerRewardProvider implements RewardProvider<Images> {
    static final String EMBEDDED = "scenes-clip";

    private final String model;
    private final List<Option> own;

    /**
     * @param model the model where none is named
     * @param own options beside model and pixels
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
        options.add(new Option("pixels", "8bit: rounded first, as published scores are; float: as they are", "8bit"));
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
        var pixels = request.option("pixels", "8bit");
        if (!pixels.equals("8bit") && !pixels.equals("float")) {
            throw new TillerException(
                    "The reward " + info().name() + " has pixels=8bit and pixels=float, not pixels=" + pixels + ".");
        }
        var named = model(request);
        var file = Path.of(named);
        var source = Files.isRegularFile(file) ? file : weights(request.models().apply(named));
        var tower = Tower.open(source, Device.parse(request.device()), pixels.equals("8bit"), whole());
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
