// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.nn.Conv2d;
import dev.tiller.nn.LayerNorm;
import dev.tiller.nn.Linear;
import dev.tiller.nn.TransformersOptions;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Kernels;
import dev.tiller.tensor.MadeWeights;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.tensor.Weights;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * DETR for detecting objects ({@code DetrForObjectDetection}) in float32. Keeps no state between calls, so several threads may
 * use one; closing it frees its weights.
 */
public final class DetrModel implements AutoCloseable {
    private static final String BACKBONE = "backbone.conv_encoder.model";
    private static final double EPS = 1e-5;

    private final ResNet backbone;
    private final Conv2d projection;
    private final List<DetrEncoderLayer> encoder;
    private final List<DetrDecoderLayer> decoder;
    private final LayerNorm norm;
    private final Tensor queries;
    private final Linear classes;
    private final List<Linear> boxes;
    private final int width;
    private final List<String> names;
    private final Scope weights;

    /**
     * What it says about N pictures of one size, with Q queries and K classes.
     *
     * @param features N×C×h×w, the backbone's last feature map
     * @param encoded N×hw×D
     * @param decoded N×Q×D
     * @param logits N×Q×(K+1), of the classes and then of there being no object
     * @param boxes N×Q×4, centre's x and y, width and height, as parts of the picture's
     */
    public record Answer(Tensor features, Tensor encoded, Tensor decoded, Tensor logits, Tensor boxes) {}

    private DetrModel(Weights root, ModelConfig options, Scope weights) {
        options.only("model_type", "detr");
        this.width = options.integer("d_model", 256);
        int encoderHeads = options.integer("encoder_attention_heads", 8);
        int decoderHeads = options.integer("decoder_attention_heads", 8);
        int encoderLayers = options.integer("encoder_layers", 6);
        int decoderLayers = options.integer("decoder_layers", 6);
        options.only("num_channels", 3);
        options.only("activation_function", "relu");
        options.only("position_embedding_type", "sine");
        options.only("dilation", false);
        options.only("scale_embedding", false);
        // With it the decoder normalises between its layers too.
        options.only("auxiliary_loss", false);
        this.names = names(options);
        var model = root.at("model");
        this.backbone = backbone(model.at(BACKBONE), options);
        // Of training, and sizes that the weights have.
        options.inert("activation_dropout", "attention_dropout", "bbox_cost", "bbox_loss_coefficient", "class_cost");
        options.inert("classifier_dropout", "decoder_ffn_dim", "decoder_layerdrop", "dice_loss_coefficient", "dropout");
        options.inert("encoder_ffn_dim", "encoder_layerdrop", "eos_coefficient", "giou_cost", "giou_loss_coefficient");
        options.inert("init_std", "init_xavier_std", "mask_loss_coefficient", "max_position_embeddings");
        // Other names of what is said above.
        options.inert("hidden_size", "num_attention_heads", "num_hidden_layers");
        options.inert("architectures", "dtype", "torch_dtype", "transformers_version");
        TransformersOptions.ofAllModels(options);
        if (width < 4 || width % 4 != 0 || encoderHeads < 1 || decoderHeads < 1) {
            throw new TillerException(options.where() + ": d_model = " + width + " with " + encoderHeads + " and "
                    + decoderHeads + " heads is not possible.");
        }
        if (width % encoderHeads != 0 || width % decoderHeads != 0) {
            throw new TillerException(options.where() + ": d_model = " + width + " is no multiple of its heads.");
        }
        this.projection = new Conv2d(model.at("input_projection"), 1, 0);
        this.queries = model.get("query_position_embeddings.weight");
        this.encoder = layers(model.at("encoder").at("layers"), encoderLayers, options).stream()
                .map(layer -> new DetrEncoderLayer(layer, encoderHeads))
                .toList();
        this.decoder = layers(model.at("decoder").at("layers"), decoderLayers, options).stream()
                .map(layer -> new DetrDecoderLayer(layer, decoderHeads))
                .toList();
        this.norm = new LayerNorm(model.at("decoder").at("layernorm"), EPS);
        this.classes = new Linear(root.at("class_labels_classifier"));
        this.boxes = IntStream.range(0, 3)
                .mapToObj(i -> new Linear(root.at("bbox_predictor").at("layers").at(i)))
                .toList();
        int asked = options.integer("num_queries", 100);
        if (queries.dim(0) != asked || queries.dim(1) != width || classes.width() != names.size() + 1) {
            throw new TillerException(options.where() + " asks for " + asked + " queries of width " + width + " and "
                    + names.size() + " classes, but the weights have " + queries.dim(0) + " of width " + queries.dim(1)
                    + " and " + (classes.width() - 1) + ": the two do not belong together.");
        }
        options.refuseOthers();
        this.weights = weights;
    }

    private static ResNet backbone(Weights root, ModelConfig options) {
        boolean timm = options.flag("use_timm_backbone", true);
        options.only("use_pretrained_backbone", true, false);
        var name = options.text("backbone", "resnet50");
        if (options.isSection("backbone_kwargs")) {
            var more = options.section("backbone_kwargs");
            more.only("in_chans", 3);
            more.inert("out_indices");
            more.refuseOthers();
        }
        if (!options.isSection("backbone_config")) {
            options.inert("backbone_config", "backbone_kwargs");
            if (!timm) {
                throw new TillerException(
                        options.where() + ": without timm's backbone there must be a backbone_config.");
            }
            return ResNet.ofTimm(root, name, options.where());
        }
        options.inert("backbone_kwargs");
        var own = options.section("backbone_config");
        TransformersOptions.ofAllModels(own);
        own.inert("architectures", "dtype", "torch_dtype", "transformers_version", "initializer_range");
        own.only("model_type", "resnet", "timm_backbone");
        ResNet network;
        if (own.text("model_type", "resnet").equals("resnet")) {
            network = ResNet.ofTransformers(root, own);
        } else {
            own.only("num_channels", 3);
            own.only("features_only", true);
            own.only("output_stride");
            own.only("freeze_batch_norm_2d", true, false);
            own.inert("out_features", "out_indices", "stage_names", "use_pretrained_backbone", "use_timm_backbone");
            network = ResNet.ofTimm(root, own.text("backbone", name), own.where());
        }
        own.refuseOthers();
        return network;
    }

    private static List<String> names(ModelConfig options) {
        var labels = options.section("id2label");
        var names = new TreeMap<Integer, String>();
        for (var key : labels.keys()) {
            if (!key.matches("\\d{1,6}")) {
                throw new TillerException(labels.where() + ": " + key + " is no number of a class.");
            }
            names.put(Integer.parseInt(key), labels.text(key, ""));
        }
        if (names.isEmpty() || names.lastKey() != names.size() - 1) {
            throw new TillerException(options.where() + ": id2label must name the classes 0 to n − 1.");
        }
        return List.copyOf(names.values());
    }

    private static List<Weights> layers(Weights all, int count, ModelConfig options) {
        if (all.at(count).has("fc1.weight")) {
            throw new TillerException("The weights hold more transformer layers than the " + count + " of "
                    + options.where() + ": the two do not belong together.");
        }
        return IntStream.range(0, count).mapToObj(all::at).toList();
    }

    /**
     * Loads the model of a folder that holds {@code config.json} and weights.
     *
     * @throws TillerException if a file is missing, or asks for what is not supported
     */
    public static DetrModel load(Path folder, Device device) {
        var config = ModelConfig.read(folder.resolve("config.json"));
        try (var files = MappedWeights.open(WeightFiles.in(folder), DType.FLOAT32, device)) {
            return Scope.holding(scope -> new DetrModel(published(files), config.fresh(), scope));
        }
    }

    /** In the names of published checkpoints, also where transformers 5 has written its own. */
    private static Weights published(Weights files) {
        Map<String, Supplier<Tensor>> renamed = new HashMap<>();
        for (var key : files.keys()) {
            var name = key.replace(".o_proj.", ".out_proj.")
                    .replace(".mlp.fc", ".fc")
                    .replaceFirst("^model\\.backbone\\.model\\.", "model." + BACKBONE + ".");
            renamed.put(name, () -> files.get(key));
        }
        return new MadeWeights(renamed, files);
    }

    /** The classes' names, as the model has them; K of them. */
    public List<String> names() {
        return names;
    }

    /**
     * Looks at pictures of one size, which have no margins to be masked.
     *
     * @param pixels N×3×H×W, of the mean and variance that the model was trained with
     */
    public Answer forward(Tensor pixels) {
        if (pixels.rank() != 4 || pixels.dim(1) != 3) {
            throw new TillerException("The detector reads N×3×H×W, but got " + pixels + ".");
        }
        try (var scope = Scope.open()) {
            Tensor features = backbone.apply(pixels.to(queries.device()).to(DType.FLOAT32));
            Tensor places =
                    SinePositions.of(features.dim(2), features.dim(3), width).to(queries.device());
            Tensor encoded = Kernels.toTokens(projection.apply(features));
            for (var layer : encoder) {
                encoded = layer.apply(encoded, places);
            }
            Tensor placed = encoded.plus(places);
            Tensor asked = queries.reshape(1, -1, width);
            Tensor known = asked.expand(pixels.size(), asked.dim(1), width).times(0);
            for (var layer : decoder) {
                known = layer.apply(known, asked, encoded, placed);
            }
            Tensor decoded = norm.apply(known);
            Tensor box = boxes.get(2)
                    .apply(Kernels.relu(
                            boxes.get(1).apply(Kernels.relu(boxes.get(0).apply(decoded)))));
            return new Answer(
                    scope.keep(features),
                    scope.keep(encoded),
                    scope.keep(decoded),
                    scope.keep(classes.apply(decoded)),
                    scope.keep(sigmoid(box)));
        }
    }

    private static Tensor sigmoid(Tensor x) {
        return x.times(0.5).tanh().times(0.5).plus(0.5);
    }

    @Override
    public void close() {
        weights.close();
    }
}
