// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tiller.nn.clip.ClipModel;
import dev.tiller.parity.Golden;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelLocator;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The embedded noise-aware judge, in the planes that tools/scenes/train_noisy_reward.py forms, against transformers. */
class NoisyClipTest {
    private static final Path FIXTURE = Path.of("src/test/resources/golden/noisy/scenes_noisy_clip");

    @Test
    void noisedLatentsAndTextsHaveTheEmbeddingsAndRewardsOfTheReference() {
        var golden = Golden.read(FIXTURE);
        var folder = ModelLocator.ofEnvironment(Map.of()).locate("scenes-noisy-clip");
        try (var judge = ClipModel.load(folder, DType.FLOAT32, Device.CPU);
                var scope = Scope.open()) {
            var planes = scope.adopt(Tensor.of(golden.floats("out.planes"), golden.shape("out.planes")));
            var ids = scope.adopt(Tensor.of(golden.longs("in.input_ids"), golden.shape("in.input_ids")));
            var pictures = scope.adopt(judge.pictures(planes));
            var texts = scope.adopt(judge.texts(ids));
            same(golden, "out.image_embeds", pictures.toDoubles());
            same(golden, "out.text_embeds", texts.toDoubles());
            int n = pictures.size();
            var logits = judge.logits(pictures, texts).toDoubles();
            var rewards = new double[n];
            for (int i = 0; i < n; i++) {
                rewards[i] = logits[i * n + i];
            }
            same(golden, "out.reward", rewards);
        }
        assertEquals(0, Tensor.alive());
    }

    private static void same(Golden golden, String name, double[] got) {
        assertArrayEquals(golden.doubles(name), got, golden.tolerance(name).atol(), name);
    }
}
