// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import java.io.Serializable;
import java.util.List;

/** A plan whose models an executor has loaded: with what its pictures depend on, and the recipes of its units in order. */
final class CheckedPlan implements Serializable {
    private static final long serialVersionUID = 1;

    private final String planJson;
    private final String[] recipes;

    CheckedPlan(String planJson, List<String> recipes) {
        this.planJson = planJson;
        this.recipes = recipes.toArray(String[]::new);
    }

    String planJson() {
        return planJson;
    }

    List<String> recipes() {
        return List.of(recipes);
    }
}
