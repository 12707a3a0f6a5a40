// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.vae;

import dev.tiller.nn.Conv2d;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** AutoencoderTiny's halves: a list of layers each, whose numbers in it are the checkpoint's keys. */
final class TinyNetwork {
    private final List<UnaryOperator<Tensor>> layers;

    private TinyNetwork(List<UnaryOperator<Tensor>> layers) {
        this.layers = List.copyOf(layers);
    }

    static TinyNetwork decoder(Weights weights, VaeConfig.Tiny config) {
        var layers = new Layers(weights.at("layers"));
        layers.convolution();
        layers.add(TinyNetwork::relu);
        for (int i = 0; i < config.decoderBlocks().length; i++) {
            layers.blocks(config.decoderBlocks()[i]);
            if (i < config.decoderBlocks().length - 1) {
                layers.add(Kernels::upsampleNearest2x);
            }
            layers.convolution();
        }
        var all = new ArrayList<UnaryOperator<Tensor>>();
        all.add(z -> z.dividedBy(3).tanh().times(3));
        all.addAll(layers.list);
        all.add(x -> x.times(2).minus(1));
        return new TinyNetwork(all);
    }

    static TinyNetwork encoder(Weights weights, VaeConfig.Tiny config) {
        var layers = new Layers(weights.at("layers"));
        for (int i = 0; i < config.encoderBlocks().length; i++) {
            if (i == 0) {
                layers.convolution();
            } else {
                layers.halving();
            }
            layers.blocks(config.encoderBlocks()[i]);
        }
        layers.convolution();
        var all = new ArrayList<UnaryOperator<Tensor>>();
        all.add(x -> x.plus(1).dividedBy(2));
        all.addAll(layers.list);
        return new TinyNetwork(all);
    }

    Tensor apply(Tensor x) {
        var y = x;
        for (var layer : layers) {
            try (var scope = Scope.open()) {
                y = scope.keep(layer.apply(y));
            }
        }
        return y;
    }

    private static Tensor relu(Tensor x) {
        return x.clamp(0, Double.POSITIVE_INFINITY);
    }

    /** Layers in order; each reads the weights at its own place. */
    private static final class Layers {
        private final Weights weights;
        private final List<UnaryOperator<Tensor>> list = new ArrayList<>();

        Layers(Weights weights) {
            this.weights = weights;
        }

        void add(UnaryOperator<Tensor> layer) {
            list.add(layer);
        }

        void convolution() {
            add(Conv2d.same(weights.at(list.size()))::apply);
        }

        void halving() {
            add(new Conv2d(weights.at(list.size()), 2, 1)::apply);
        }

        void blocks(int n) {
            for (int i = 0; i < n; i++) {
                var w = weights.at(list.size()).at("conv");
                var first = Conv2d.same(w.at(0));
                var second = Conv2d.same(w.at(2));
                var third = Conv2d.same(w.at(4));
                add(x -> relu(third.applyOnto(relu(second.apply(relu(first.apply(x)))), x)));
            }
        }
    }
}
