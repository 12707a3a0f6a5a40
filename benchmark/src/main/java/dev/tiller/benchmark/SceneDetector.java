// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.scene.FoundObject;
import dev.tiller.potentials.scene.SceneVerifier;
import dev.tiller.potentials.scene.Shape;
import dev.tiller.record.Picture;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sees the shapes of the scene world, by rules without learned weights; its scores are overlaps and not confidences. */
final class SceneDetector implements Detector {
    static final String REMARK =
            "Objects were found by the verifier of the scene world, so the numbers cannot be compared with GenEval scores"
                    + " of photographs.";
    private static final int SIZE = 64;

    private final SceneVerifier verifier = new SceneVerifier();

    /** The detector for a suite, if all it asks for is of the scene world. */
    static Optional<Detector> forSuite(Suite suite) {
        return suite.prompts().stream().allMatch(p -> knows(p.rules()))
                ? Optional.of(new SceneDetector())
                : Optional.empty();
    }

    private static boolean knows(@Nullable Rules rules) {
        return rules != null
                && Stream.concat(rules.include().stream(), rules.exclude().stream())
                        .allMatch(c -> Arrays.stream(Shape.values())
                                .anyMatch(s -> s.word().equals(c.type())));
    }

    @Override
    public String remark() {
        return REMARK;
    }

    @Override
    public List<Detection> find(Picture picture, SuitePrompt asked) {
        return picture.width() == SIZE && picture.height() == SIZE
                ? verifier.find(picture.rgb()).stream()
                        .map(FoundObject::detection)
                        .toList()
                : List.of();
    }

    /** Nothing to close. */
    @Override
    public void close() {}
}
