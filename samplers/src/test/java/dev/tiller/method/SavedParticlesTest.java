// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tiller.run.Cost;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedParticlesTest {
    @TempDir
    Path temp;

    /** Two particles and what their solver remembers, in families of so many, with so many weights. */
    private SafeTensors state(int family, int weights) {
        var writer = new SafeTensorsWriter();
        for (var name :
                new String[] {"spent", "reward", "path.step", "path.previous", "path.current", "path.best", "path.sum"
                }) {
            writer.add(name, new double[2], 2);
        }
        writer.add("log_weights", new double[weights], weights);
        for (var name : new String[] {"latents", "memory.0"}) {
            writer.add(name, new float[2], 2, 1, 1, 1);
        }
        Saved.write(3, family, Cost.NONE, writer);
        var file = temp.resolve(family + "-" + weights);
        writer.write(file);
        return SafeTensors.open(file);
    }

    @Test
    void whatIsDamagedLeavesNothingBehind() {
        try (var read = SavedParticles.read(state(2, 2), Device.CPU)) {
            assertEquals(2, read.population().size());
            assertEquals(1, read.population().memory().get(0).elements() / 2);
        }
        assertThrows(IllegalArgumentException.class, () -> SavedParticles.read(state(0, 2), Device.CPU));
        assertThrows(IllegalArgumentException.class, () -> SavedParticles.read(state(1, 3), Device.CPU));
        assertEquals(0, Tensor.alive());
    }
}
