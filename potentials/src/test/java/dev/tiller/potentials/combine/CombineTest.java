// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.combine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.Drawn;
import dev.tiller.potentials.Released;
import dev.tiller.potentials.scene.SceneCategory;
import dev.tiller.reward.Combinations;
import dev.tiller.reward.Reward;
import dev.tiller.reward.WeightedReward;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import dev.tiller.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rewards made of rewards, by name, on real pictures. */
class CombineTest {
    private static final String PROMPT = "a photo of a red circle and a blue square";

    @AfterEach
    void noTensorIsLeft() {
        assertEquals(0, Tensor.alive());
    }

    private static WeightedReward<Images> make(String expression) {
        return (WeightedReward<Images>) Released.reward(PROMPT, expression, new ArrayList<>());
    }

    /** The same whether the population is shown at once or in parts. */
    private static Reward.Scores scores(WeightedReward<Images> reward) {
        return scores(reward, 6);
    }

    private static Reward.Scores scores(WeightedReward<Images> reward, int n) {
        try (var images = Drawn.images(SceneCategory.COLOR_ATTR, n)) {
            var scoring = reward.scoring();
            for (int from = 0; from < n; from += 4) {
                try (var part = new Images(images.tensor().rows(from, Math.min(n, from + 4)))) {
                    scoring.add(part);
                }
            }
            return scoring.scores();
        }
    }

    private static double[] clip(double factor) {
        try (var clip = make("clip")) {
            return Arrays.stream(scores(clip).total()).map(x -> factor * x).toArray();
        }
    }

    @Test
    void standardisedRewardsCountAlike() {
        try (var one = make("standardised(of=\"clip; 1000*clip\")")) {
            var total = scores(one).total();
            assertEquals(0, Combinations.mean(total), 1e-9);
            assertEquals(2, Combinations.deviation(total), 1e-9);
        }
        try (var fixed = make("standardised(of=\"clip; goal\", weights=\"2; 0\", scale=\"10:4; 0:1\")")) {
            assertArrayEquals(
                    Arrays.stream(clip(1)).map(x -> 2 * (x - 10) / 4).toArray(),
                    scores(fixed).total(),
                    1e-9);
        }
    }

    /** What one has seen, another goes on from: as when a run is put away and gone on with. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "standardised(of=\"clip; goal\")",
                "constrained(of=goal, subject=\"clip >= 1000\")",
            })
    void whatWasSeenIsRemembered(String expression) {
        try (var first = make(expression);
                var second = make(expression);
                var anew = make(expression);
                var other = make("clip")) {
            double[] before = scores(first, 3).total();
            var memory = first.parts().get(0).reward().memory();
            double[] then = scores(first, 6).total();
            second.parts().get(0).reward().remember(memory);
            assertArrayEquals(then, scores(second, 6).total());
            assertFalse(Arrays.equals(then, scores(anew, 6).total()));
            assertEquals(3, before.length);
            assertThrows(
                    TillerException.class, () -> anew.parts().get(0).reward().remember(new double[1 + memory.length]));
            assertThrows(
                    TillerException.class, () -> other.parts().get(0).reward().remember(memory));
        }
    }

    /** Two rewards of one kind are told apart. */
    @Test
    void noPartIsLost() {
        try (var pareto = make("pareto(of=\"clip; clip(pixels=float)\")")) {
            var parts = scores(pareto).parts();
            assertTrue(parts.keySet().stream().anyMatch(k -> k.endsWith(": clip")), parts.toString());
            assertTrue(parts.keySet().stream().anyMatch(k -> k.endsWith(": clip(pixels=float)")), parts.toString());
        }
    }

    @Test
    void anAdaptedRewardSelectsAlikeInEveryUnit() {
        try (var small = make("adaptive(of=\"0.001*clip\")");
                var large = make("adaptive(of=\"1000*clip\")")) {
            assertArrayEquals(scores(small).total(), scores(large).total(), 1e-6);
        }
    }

    @Test
    void theFrontOfOneRewardIsItsBest() {
        try (var pareto = make("pareto(of=\"clip; 2*clip\")")) {
            var scores = scores(pareto);
            var clip = clip(1);
            for (int i = 0; i < 6; i++) {
                int place = i;
                assertEquals(Arrays.stream(clip).filter(x -> x > clip[place]).count(), (long) -scores.total()[i]);
            }
            assertTrue(
                    scores.parts().keySet().stream().anyMatch(k -> k.endsWith(": clip")),
                    scores.parts().toString());
        }
    }

    /** A threshold out of reach: its multiplier grows; one that is kept: it stays at nothing. */
    @Test
    void multipliersGrowWhileAThresholdIsMissed() {
        try (var out = make("constrained(of=goal, subject=\"clip >= 1000\")");
                var kept = make("constrained(of=goal, subject=\"clip >= -1000\")");
                var goal = make("goal")) {
            double before = 0;
            for (int k = 0; k < 3; k++) {
                var parts = scores(out).parts();
                var name = parts.keySet().stream()
                        .filter(p -> p.contains("multiplier"))
                        .findFirst()
                        .orElseThrow();
                assertTrue(parts.get(name)[0] > before);
                before = parts.get(name)[0];
            }
            assertArrayEquals(scores(goal).total(), scores(kept).total(), 1e-12);
        }
    }

    @Test
    void cautionShrinksTowardsTheMean() {
        try (var cautious = make("cautious(of=clip)")) {
            var scores = scores(cautious);
            var name = scores.parts().keySet().stream()
                    .filter(p -> p.endsWith(": clip"))
                    .findFirst()
                    .orElseThrow();
            var plain = scores.parts().get(name);
            double mean = Combinations.mean(plain);
            for (int i = 0; i < 6; i++) {
                assertTrue(Math.abs(scores.total()[i] - mean) < Math.abs(plain[i] - mean));
            }
        }
    }

    @Test
    void theBlendIsBetweenItsParts() {
        try (var blend = make("harmonic(of=\"goal; clip\", lambda=0.3)")) {
            assertEquals(6, scores(blend).total().length);
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        for (var expression : List.of(
                "standardised",
                "standardised(of=\"clip; nothing\")",
                "standardised(of=\"clip; goal\", weights=\"1\")",
                "standardised(of=clip, scale=\"1:0\")",
                "standardised(of=\"clip; goal\", scale=\"21; 0.27:0.02\")",
                "cautious(of=population)",
                "cautious(of=\"clip + pareto(of=clip)\")",
                "adaptive(of=clip, ess=2)",
                "pareto(of=\"clip; pareto(of=clip)\")",
                "constrained(of=clip, subject=\"clip > 5\")",
                "harmonic(of=clip)",
                "cautious(of=clip, views=1)")) {
            assertThrows(TillerException.class, () -> make(expression), expression);
        }
    }
}
