// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.parity.Parity;
import dev.tiller.parity.ParityReport.Row.Status;
import dev.tiller.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineParityTest {
    @Test
    void runsFromPromptToPictureEqualTheReference() {
        var report = new Parity(List.of(new PipelineParity()))
                .over(List.of(Path.of("src", "test", "resources", "golden", "pipelines")));
        assertTrue(report.passed(), report.table());
        // Of Stable Diffusion 1.5 six of the eight runs; image to image and inpainting are not there yet, and of theirs
        // a tensor
        // each is kept here. Of SDXL all four.
        assertEquals(51, report.count(Status.PASS), report.table());
        assertEquals(2, report.count(Status.NOT_SUPPORTED), report.table());
        assertEquals(0, Tensor.alive());
    }
}
