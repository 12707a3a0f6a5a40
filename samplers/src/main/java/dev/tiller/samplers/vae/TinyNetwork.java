// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.function.UnaryOperator;

/** AutoencoderTiny's halves: a list of layers each, whose numbers in it are the checkpoint's keys. */
final class TinyNetwork {
    private final Weights layers;
    private final Stages stages = new Stages();
    private int layer;

    private TinyNetwork(Weights layers) {
        this.layers = layers;
    }

    static Stages decoder(Weights weights, VaeConfig.Tiny config) {
        var network = new TinyNetwork(weights.at("layers"));
        network.stages.add(z -> z.dividedBy(3).tanh().times(3));
        network.convolution();
        network.add(Kernels::relu);
        int levels = config.decoderBlocks().length;
        for (int i = 0; i < levels; i++) {
            network.blocks(config.decoderBlocks()[i]);
            if (i < levels - 1) {
                network.add(Kernels::upsampleNearest2x);
            }
            network.convolution();
        }
        network.stages.add(x -> x.times(2).minus(1));
        return network.stages;
    }

    static Stages encoder(Weights weights, VaeConfig.Tiny config) {
        var network = new TinyNetwork(weights.at("layers"));
        network.stages.add(x -> x.plus(1).dividedBy(2));
        for (int i = 0; i < config.encoderBlocks().length; i++) {
            if (i == 0) {
                network.convolution();
            } else {
                network.add(new Conv2d(network.weights(), 2, 1)::apply);
            }
            network.blocks(config.encoderBlocks()[i]);
        }
        network.convolution();
        return network.stages;
    }

    /** Where the next layer's weights are. */
    private Weights weights() {
        return layers.at(layer);
    }

    private void add(UnaryOperator<Tensor> stage) {
        stages.add(stage);
        layer++;
    }

    private void convolution() {
        add(Conv2d.same(weights())::apply);
    }

    private void blocks(int n) {
        for (int i = 0; i < n; i++) {
            var conv = weights().at("conv");
            var first = Conv2d.same(conv.at(0));
            var second = Conv2d.same(conv.at(2));
            var third = Conv2d.same(conv.at(4));
            add(x -> Kernels.relu(third.applyOnto(Kernels.relu(second.apply(Kernels.relu(first.apply(x)))), x)));
        }
    }
}
