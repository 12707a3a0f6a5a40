// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.CrossAttention;
import dev.tiller.tensor.Tensor;

/**
 * What all blocks look at during one forward pass.
 *
 * @param times every resnet's projection of the time embedding, 1×outputs or N×outputs
 * @param prompt keys and values of the prompt
 */
record Step(Tensor times, UNet.Conditioning prompt) {
    Tensor time(TimeProjections.Slot slot) {
        return times.slice(1, slot.from(), slot.to());
    }

    Tensor keyValue(CrossAttention attention) {
        return prompt.keyValue(attention);
    }
}
