// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.unet;

import dev.tiller.nn.Linear;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The projections of the time embedding in all resnets, as one linear map: they have the same input, and one product is
 * cheaper than twenty. The bias of the convolution that each is added to is part of it.
 */
final class TimeProjections {
    /** Where the outputs of one resnet lie. */
    record Slot(int from, int to) {}

    private final List<Tensor> matrices = new ArrayList<>();
    private final List<Tensor> biases = new ArrayList<>();
    private int outputs;

    Slot add(Weights projection, Weights conv) {
        matrices.add(projection.get("weight"));
        biases.add(projection.get("bias").plus(conv.get("bias")));
        int from = outputs;
        outputs += biases.get(biases.size() - 1).dim(0);
        return new Slot(from, outputs);
    }

    /** The joint map; the parts are not needed afterwards. */
    Linear joined() {
        var joined = new Linear(
                Tensor.concat(0, matrices.toArray(new Tensor[0])), Tensor.concat(0, biases.toArray(new Tensor[0])));
        matrices.forEach(Tensor::close);
        biases.forEach(Tensor::close);
        return joined;
    }
}
