// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFilesTest {
    @TempDir
    Path folder;

    @Test
    void theFullFileIsPreferredToTheVariant() throws IOException {
        tensor("model.fp16.safetensors", "half");
        assertEquals(Set.of("half"), WeightFiles.in(folder).names());
        tensor("model.safetensors", "full");
        assertEquals(Set.of("full"), WeightFiles.in(folder).names());
    }

    @Test
    void shardsAreOneSetOfTensors() throws IOException {
        tensor("m-1.safetensors", "a");
        tensor("m-2.safetensors", "b");
        index("{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}");
        var weights = WeightFiles.in(folder);
        assertEquals(Set.of("a", "b"), weights.names());
        assertEquals(3, weights.files().size());
        assertThrows(TillerException.class, () -> weights.place("c"));
    }

    @Test
    void anIndexThatDoesNotFitItsShardsIsRefused() throws IOException {
        tensor("m-1.safetensors", "a");
        for (var map : new String[] {
            "{\"a\":\"../m-1.safetensors\"}",
            "{\"a\":\"m-3.safetensors\"}",
            "{\"b\":\"m-1.safetensors\"}",
            "{}",
            "{\"a\":1}",
            "{\"a\":\"m-1.safetensors\",\"a\":\"m-1.safetensors\"}"
        }) {
            index("{\"weight_map\":" + map + "}");
            assertThrows(TillerException.class, () -> WeightFiles.in(folder), map);
        }
        index("{\"weight_map\":");
        assertThrows(SafeTensorsException.class, () -> WeightFiles.in(folder));
    }

    @Test
    void weightsThatAreNoneAreRefusedByName() throws IOException {
        assertThrows(TillerException.class, () -> WeightFiles.in(folder));
        Files.write(folder.resolve("pytorch_model.bin"), new byte[1]);
        var e = assertThrows(TillerException.class, () -> WeightFiles.in(folder));
        assertTrue(e.getMessage().contains("pytorch_model.bin"));
        Files.delete(folder.resolve("pytorch_model.bin"));
        Files.write(folder.resolve("diffusion_pytorch_model.fp16.bin"), new byte[1]);
        var variant = assertThrows(TillerException.class, () -> WeightFiles.in(folder));
        assertTrue(variant.getMessage().contains("diffusion_pytorch_model.fp16.bin"));
    }

    private void index(String json) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    private void tensor(String file, String name) throws IOException {
        var header = ("{\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")
                .getBytes(StandardCharsets.UTF_8);
        Files.write(
                folder.resolve(file),
                ByteBuffer.allocate(9 + header.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());
    }
}
