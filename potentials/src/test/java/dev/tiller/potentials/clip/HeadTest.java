// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tiller.run.TillerException;
import dev.tiller.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTest {
    private static final Path HEADS = Path.of("src", "test", "resources", "released", "heads");
    private static final Random RANDOM = new Random(3);
    private static final double[] A = unit(6);
    private static final double[] B = unit(6);

    private static double[] unit(int n) {
        var x = RANDOM.doubles(n, -1, 1).toArray();
        double norm = Math.sqrt(Head.dot(x, x));
        for (int i = 0; i < n; i++) {
            x[i] /= norm;
        }
        return x;
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        var heads = Map.of(
                "affine", Head.affine(A, 100, -3),
                "pair", Head.pair(A, B, 4),
                "goal", Head.goal(A, B, 0.5),
                "line only", Head.goal(A, B, 1));
        heads.forEach((name, head) -> {
            var e = unit(6);
            var gradient = head.gradient(e);
            for (int i = 0; i < e.length; i++) {
                var up = e.clone();
                var down = e.clone();
                up[i] += 1e-5;
                down[i] -= 1e-5;
                assertEquals((head.value(up) - head.value(down)) / 2e-5, gradient[i], 1e-6, name);
            }
        });
    }

    @Test
    void aPairIsASoftmaxOverTwoLogits() {
        var e = unit(6);
        double good = Math.exp(10 * Head.dot(e, A));
        double poor = Math.exp(10 * Head.dot(e, B));
        assertEquals(good / (good + poor), Head.pair(A, B, 10).value(e), 1e-12);
        assertEquals(0.5, Head.pair(A, A, 100).value(e), 1e-12);
    }

    @Test
    void atTheGoalNothingIsLeftToWish() {
        for (double alpha : new double[] {0, 0.5, 1}) {
            assertEquals(1, Head.goal(A, B, alpha).value(A), 1e-12);
        }
        // Without projection it is the cosine, for unit vectors: 1 - |e - g|²/2 = <e, g>.
        var e = unit(6);
        assertEquals(Head.dot(e, A), Head.goal(A, B, 0).value(e), 1e-12);
        // With projection only, what is orthogonal to the line does not count.
        var aside = e.clone();
        var line = new double[6];
        for (int i = 0; i < 6; i++) {
            line[i] = A[i] - B[i];
        }
        var other = unit(6);
        double along = Head.dot(other, line) / Head.dot(line, line);
        for (int i = 0; i < 6; i++) {
            aside[i] += other[i] - along * line[i];
        }
        assertEquals(Head.goal(A, B, 1).value(e), Head.goal(A, B, 1).value(aside), 1e-12);
        assertTrue(Math.abs(Head.goal(A, B, 0.5).value(e) - Head.goal(A, B, 0.5).value(aside)) > 1e-3);
    }

    /** Heads as LAION publishes them, with what PyTorch makes of them. */
    @ParameterizedTest
    @ValueSource(strings = {"linear", "mlp"})
    void publishedHeadsGiveWhatTheirReferenceGives(String name) throws IOException {
        var expected = new ObjectMapper().readTree(Files.readString(HEADS.resolve("expected.json")));
        var chain = AffineChain.read(WeightFiles.of(HEADS.resolve(name + ".pth")), "");
        assertEquals(128, chain.weight().length);
        for (int i = 0; i < 3; i++) {
            var x = new double[128];
            for (int k = 0; k < 128; k++) {
                x[k] = expected.path("embeddings").path(i).path(k).doubleValue();
            }
            assertEquals(expected.path(name).path(i).doubleValue(), chain.apply(x), 1e-6);
        }
    }

    @Test
    void whatIsNoChainIsRefused() {
        var files = WeightFiles.of(HEADS.resolve("mlp.pth"));
        assertThrows(TillerException.class, () -> AffineChain.read(files, "layers.0"));
        assertThrows(TillerException.class, () -> AffineChain.read(files, "other."));
    }
}
