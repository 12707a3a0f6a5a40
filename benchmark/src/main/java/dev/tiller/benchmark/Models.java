// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.method.LoadedModel;
import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.tensor.Images;
import dev.tiller.weights.ModelLocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The models of a plan, each loaded once in each dtype. */
final class Models implements AutoCloseable {
    private record Loading(String model, String dtype) {
        static Loading of(RunPlan plan) {
            return new Loading(plan.get(RunPlan.MODEL), plan.get(RunPlan.DTYPE));
        }
    }

    private final Map<Loading, LoadedModel> loaded = new LinkedHashMap<>();

    Models(List<RunPlan> plans, ModelLocator models, RewardCatalogue<Images> rewards) {
        try {
            for (var plan : plans) {
                if (!loaded.containsKey(Loading.of(plan))) {
                    loaded.put(Loading.of(plan), LoadedModel.load(plan, models, rewards));
                }
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** As {@link LoadedModel#prepare}, on the plan's model. */
    Prepared prepare(RunPlan plan) {
        return of(plan).prepare(plan);
    }

    /** As {@link LoadedModel#keepNoiseAware}, on the plan's model. */
    void keepNoiseAware(RunPlan plan) {
        of(plan).keepNoiseAware(plan);
    }

    private LoadedModel of(RunPlan plan) {
        var model = loaded.get(Loading.of(plan));
        if (model == null) {
            throw new IllegalArgumentException("the plan is not of this benchmark: " + plan);
        }
        return model;
    }

    /** Seconds by what they were spent on, over all models. */
    double seconds() {
        return loaded.values().stream()
                .flatMap(model -> model.watch().seconds().values().stream())
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    @Override
    public void close() {
        loaded.values().forEach(LoadedModel::close);
    }
}
