// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunPlanTest {
    @Test
    void aPlanIsComplete() {
        var plan = RunPlan.of("a red circle");
        assertEquals("fk", plan.method().name());
        assertEquals(15, plan.get(SteeringOptions.RESAMPLE_FROM));
        assertFalse(plan.toMap().containsKey("torch-seed"));
        assertEquals(plan, RunPlan.ofManifest(plan.toMap()));
    }

    @Test
    void whatFollowsFromAnOptionMovesWithIt() {
        assertEquals(6, RunPlan.of("x").with(RunPlan.STEPS, 20).get(SteeringOptions.RESAMPLE_FROM));
    }

    @Test
    void presetsOfAMethodStandUnlessAValueIsGiven() {
        assertEquals(1, RunPlan.of(Map.of("method", "reno")).get(RunPlan.STEPS));
        assertEquals(4, RunPlan.of(Map.of("method", "reno", "steps", "4")).get(RunPlan.STEPS));
        assertEquals("adam", RunPlan.of(Map.of("method", "dno")).get(AscentOptions.OPTIMIZER));
    }

    @Test
    void otherMethodsKeepWhatTheyHaveToo() {
        var plain = RunPlan.of(Map.of("prompt", "x", "lambda", 7, "potential", "max"))
                .with(Methods.named("bon"));
        assertEquals(7.0, plain.get(SteeringOptions.LAMBDA));
        assertFalse(plain.toMap().containsKey("potential"));
        // The other method's presets do not come in between.
        assertEquals(50, RunPlan.of("x").with(Methods.named("reno")).get(RunPlan.STEPS));
    }

    @Test
    void whatDoesNotExistIsRefusedByName() {
        refuses(Map.of("method", "fkk"), "Did you mean fk?");
        refuses(Map.of("method", "bon", "potential", "max"), "fk, svdd");
        refuses(Map.of("step", 3), "Did you mean steps?");
        refuses(Map.of("steps", "many"), "a whole number, not 'many'");
        refuses(Map.of("baseline", "perhaps"), "true or false");
    }

    private static void refuses(Map<String, ?> options, String words) {
        var error = assertThrows(TillerException.class, () -> RunPlan.of(options));
        assertTrue(error.getMessage().contains(words), error.getMessage());
    }

    @Test
    void plansOfTheFirstManifestsAreRead() {
        var old = new LinkedHashMap<String, Object>(Map.of(
                "prompt",
                "x",
                "method",
                "bon",
                "particles",
                3,
                "resampleFrom",
                15,
                "essThreshold",
                0.5,
                "lambda",
                2.0));
        old.put("children", 4);
        var plan = RunPlan.ofManifest(old);
        assertEquals(3, plan.get(RunPlan.PARTICLES));
        assertEquals(2.0, plan.get(SteeringOptions.LAMBDA));
        assertFalse(plan.toMap().containsKey("children"));
        old.put("method", "fk");
        assertEquals(0.5, RunPlan.ofManifest(old).get(SteeringOptions.ESS_THRESHOLD));
    }

    @Test
    void everyMethodsDefaultsCanBe() {
        var names = new HashSet<String>();
        for (var method : Methods.all()) {
            assertTrue(names.add(method.name()));
            var plan = RunPlan.of(Map.of("method", method.name()));
            method.check(plan);
            assertTrue(plan.toMap().keySet().containsAll(method.presets().keySet()));
        }
    }

    @Test
    void fewStepsLeaveChildrenTwo() {
        var svdd = RunPlan.of(Map.of("prompt", "x", "method", "svdd", "steps", 8));
        svdd.method().check(svdd);
        assertEquals(2, svdd.get(SteeringOptions.RESAMPLE_EVERY));
        assertEquals(1, RunPlan.of(Map.of("prompt", "x", "steps", 8)).get(SteeringOptions.RESAMPLE_EVERY));
    }
}
