// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.List;
import java.util.Map;

/**
 * All that is needed to repeat a run: the same manifest on the same machine gives the same bytes.
 *
 * @param prompt what was asked for
 * @param seed the one source of randomness
 * @param plan the method and its parameters, by the names of the command line, in order
 * @param weights every weight file used
 * @param versions of Tiller, the engine and the JDK, by name
 * @param device where it ran, such as {@code cpu}, with dtype and thread count in {@code versions}
 */
public record RunManifest(
        String prompt,
        long seed,
        Map<String, Object> plan,
        List<WeightFile> weights,
        Map<String, String> versions,
        String device) {

    /** Of a run that nobody means to repeat from its record: no plan, weights, versions or device are named. */
    public static RunManifest of(String prompt, long seed) {
        return new RunManifest(prompt, seed, Map.of(), List.of(), Map.of(), "");
    }

    /**
     * A file that weights were read from.
     *
     * @param name path relative to its model, such as {@code unet/diffusion_pytorch_model.safetensors}
     * @param bytes its size
     * @param sha256 64 lower-case hexadecimal digits
     */
    public record WeightFile(String name, long bytes, String sha256) {}
}
