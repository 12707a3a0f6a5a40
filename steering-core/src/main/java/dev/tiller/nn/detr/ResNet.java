// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.nn.Conv2d;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A residual network (He et al. 2015, arXiv:1512.03385) up to its last stage, a 32nd as high and wide as the picture. Its batch
 * normalisations are frozen, so each is part of the convolution before it.
 */
final class ResNet {
    /** Of the batch normalisation, whatever the backbone's own: DETR replaces them. */
    private static final double EPS = 1e-5;
    /** A kernel and four vectors of the normalisation. */
    private static final long TENSORS_OF_A_LAYER = 5;

    private final Conv2d stem;
    private final List<Block> blocks;
    private long layers;

    /** Where a spelling keeps the parts; each layer is a convolution and the normalisation after it. */
    private interface Spelling {
        record Layer(Weights convolution, Weights normalisation) {
            boolean exists() {
                return convolution.has("weight");
            }
        }

        Layer stem(Weights root);

        Weights block(Weights root, int stage, int block);

        Layer layer(Weights block, int layer);

        Layer shortcut(Weights block);
    }

    /**
     * The layers of each stage, as configured.
     *
     * @param depths blocks of each stage
     * @param layers convolutions of a block
     * @param strided which of them makes the picture smaller
     * @param firstStride of the first stage; that of the others is 2
     */
    private record Shape(int[] depths, int layers, int strided, int firstStride) {}

    private ResNet(Weights root, Spelling spelling, Shape shape) {
        this.stem = folded(spelling.stem(root), 2);
        this.blocks = new ArrayList<>();
        for (int stage = 0; stage < shape.depths.length; stage++) {
            for (int i = 0; i < shape.depths[stage]; i++) {
                int stride = i > 0 ? 1 : stage == 0 ? shape.firstStride : 2;
                blocks.add(block(spelling, spelling.block(root, stage, i), shape, stride));
            }
        }
        long held = root.keys().stream()
                .filter(key -> !key.endsWith("num_batches_tracked"))
                .count();
        if (held != layers * TENSORS_OF_A_LAYER) {
            throw new TillerException("The backbone's weights hold " + held + " tensors, but a ResNet of its "
                    + "configuration has " + layers * TENSORS_OF_A_LAYER + ": it is of a kind that is not supported.");
        }
    }

    /**
     * transformers' own ({@code ResNetBackbone}).
     *
     * @param options {@code backbone_config}
     */
    static ResNet ofTransformers(Weights root, ModelConfig options) {
        options.only("num_channels", 3);
        options.only("hidden_act", "relu");
        options.only("layer_type", "bottleneck", "basic");
        boolean bottleneck = options.text("layer_type", "bottleneck").equals("bottleneck");
        int[] depths = options.integers("depths", 3, 4, 6, 3);
        var last = "stage" + depths.length;
        var features = options.texts("out_features", last);
        if (features.isEmpty() || !features.get(features.size() - 1).equals(last)) {
            throw new TillerException(options.where() + ": out_features must end with " + last + ", the last stage.");
        }
        boolean early = options.flag("downsample_in_bottleneck", false);
        int first = options.flag("downsample_in_first_stage", false) ? 2 : 1;
        // Sizes are those of the weights.
        options.inert("embedding_size", "hidden_sizes", "out_indices", "stage_names");
        var spelling = new Spelling() {
            private Layer layer(Weights at) {
                return new Layer(at.at("convolution"), at.at("normalization"));
            }

            @Override
            public Layer stem(Weights from) {
                return layer(from.at("embedder").at("embedder"));
            }

            @Override
            public Weights block(Weights from, int stage, int block) {
                return from.at("encoder").at("stages").at(stage).at("layers").at(block);
            }

            @Override
            public Layer layer(Weights block, int layer) {
                return layer(block.at("layer").at(layer));
            }

            @Override
            public Layer shortcut(Weights block) {
                return layer(block.at("shortcut"));
            }
        };
        return new ResNet(root, spelling, new Shape(depths, bottleneck ? 3 : 2, bottleneck && !early ? 1 : 0, first));
    }

    /**
     * timm's, of which the configuration says only the name: layers and sizes are those of the weights.
     *
     * @param name such as {@code resnet50}
     */
    static ResNet ofTimm(Weights root, String name, String where) {
        if (!name.matches("resnet(18|34|50|101|152)")) {
            throw new TillerException(
                    where + ": the backbone " + name + " is not supported; resnet18, 34, 50, 101 and 152 are.");
        }
        var spelling = new Spelling() {
            @Override
            public Layer stem(Weights from) {
                return new Layer(from.at("conv1"), from.at("bn1"));
            }

            @Override
            public Weights block(Weights from, int stage, int block) {
                return from.at("layer" + (stage + 1)).at(block);
            }

            @Override
            public Layer layer(Weights block, int layer) {
                return new Layer(block.at("conv" + (layer + 1)), block.at("bn" + (layer + 1)));
            }

            @Override
            public Layer shortcut(Weights block) {
                return new Layer(
                        block.at("downsample").at(0), block.at("downsample").at(1));
            }
        };
        int[] depths = new int[4];
        for (int stage = 0; stage < depths.length; stage++) {
            while (spelling.layer(spelling.block(root, stage, depths[stage]), 0).exists()) {
                depths[stage]++;
            }
        }
        boolean bottleneck = spelling.layer(spelling.block(root, 0, 0), 2).exists();
        return new ResNet(root, spelling, new Shape(depths, bottleneck ? 3 : 2, bottleneck ? 1 : 0, 1));
    }

    private Block block(Spelling spelling, Weights weights, Shape shape, int stride) {
        var convolutions = new ArrayList<Conv2d>();
        for (int i = 0; i < shape.layers; i++) {
            convolutions.add(folded(spelling.layer(weights, i), i == shape.strided ? stride : 1));
        }
        var shortcut = spelling.shortcut(weights);
        return new Block(convolutions, shortcut.exists() ? folded(shortcut, stride) : null);
    }

    /** Both as one: W·s and b − m·s with s = w/√(v + ε). */
    private Conv2d folded(Spelling.Layer layer, int stride) {
        layers++;
        Tensor scaled;
        Tensor shift;
        try (var scope = Scope.open()) {
            var norm = layer.normalisation();
            Tensor scale = norm.get("weight")
                    .dividedBy(norm.get("running_var").plus(EPS).sqrt());
            shift = scope.keep(norm.get("bias").minus(norm.get("running_mean").times(scale)));
            scaled = scope.keep(layer.convolution().get("weight").times(scale.reshape(-1, 1, 1, 1)));
        }
        // Outside of that scope: what a convolution packs belongs to the scope that it was made in.
        var both = new MadeWeights(Map.of("weight", () -> scaled, "bias", () -> shift), layer.convolution());
        return new Conv2d(both, stride, scaled.dim(2) / 2);
    }

    /** pixels N×3×H×W to N×C×⌈H/32⌉×⌈W/32⌉. */
    Tensor apply(Tensor pixels) {
        Tensor x = first(pixels);
        for (var block : blocks) {
            Tensor y = block.apply(x);
            x.close();
            x = y;
        }
        return x;
    }

    private Tensor first(Tensor pixels) {
        try (var scope = Scope.open()) {
            return scope.keep(Kernels.maxPool(Kernels.relu(stem.apply(pixels)), 3, 2, 1));
        }
    }

    private record Block(
            List<Conv2d> convolutions, @Nullable Conv2d shortcut) {
        Tensor apply(Tensor x) {
            try (var scope = Scope.open()) {
                int last = convolutions.size() - 1;
                Tensor y = x;
                for (var convolution : convolutions.subList(0, last)) {
                    y = Kernels.relu(convolution.apply(y));
                }
                Tensor past = shortcut == null ? x : shortcut.apply(x);
                return scope.keep(Kernels.relu(convolutions.get(last).applyOnto(y, past)));
            }
        }
    }
}
