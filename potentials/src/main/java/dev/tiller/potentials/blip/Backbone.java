// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.blip;

import dev.tiller.nn.blip.BlipModel;
import dev.tiller.potentials.Sharing;
import dev.tiller.potentials.clip.AffineChain;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.MappedWeights;
import dev.tiller.text.Tokens;
import dev.tiller.text.WordTokenizer;
import dev.tiller.weights.FileIdentity;
import dev.tiller.weights.ModelConfig;
import dev.tiller.weights.WeightFiles;
import java.nio.file.Path;

/**
 * ImageReward's network, head and tokenizer. Rewards on the same files share one, whatever their prompts: it is loaded once, and closed
 * when the last of them lets go of it.
 */
final class Backbone implements AutoCloseable {
    /** Tokens that are read of a prompt, begin and end included. */
    static final int LENGTH = 35;

    private static final Sharing<Identity, Backbone> OPEN = new Sharing<>();

    private final Identity identity;
    private final BlipModel model;
    private final AffineChain head;
    private final WordTokenizer tokenizer;

    private record Identity(FileIdentity weights, FileIdentity config, Device device, DType maps) {}

    private Backbone(Identity identity, BlipModel model, AffineChain head, WordTokenizer tokenizer) {
        this.identity = identity;
        this.model = model;
        this.head = head;
        this.tokenizer = tokenizer;
    }

    /**
     * That of these files, loaded unless it is open already.
     *
     * @param file the published weights
     * @param config of BERT, {@code med_config.json}, with its {@code vocab.txt} beside it
     * @param maps the type of the linear maps of the picture tower's layers; all else is float32
     * @throws dev.tiller.run.TillerException if a file is missing or asks for what is not supported
     */
    static Backbone open(Path file, Path config, Device device, DType maps) {
        var identity = new Identity(FileIdentity.of(file), FileIdentity.of(config), device, maps);
        return OPEN.open(identity, () -> load(identity, file, config));
    }

    private static Backbone load(Identity identity, Path file, Path config) {
        var files = WeightFiles.of(file);
        var head = AffineChain.read(files, "mlp.");
        var tokenizer = WordTokenizer.bert(config.toAbsolutePath().resolveSibling(""), LENGTH);
        try (var weights = MappedWeights.open(files, DType.FLOAT32, identity.device())) {
            var model = BlipModel.original(weights.at("blip"), ModelConfig.read(config), identity.maps());
            return new Backbone(identity, model, head, tokenizer);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    /** How many are loaded now. */
    static int loaded() {
        return OPEN.size();
    }

    BlipModel model() {
        return model;
    }

    /** A prompt's tokens; {@value #LENGTH} at most. */
    Tokens tokens(String prompt) {
        return tokenizer.encode(prompt);
    }

    AffineChain head() {
        return head;
    }

    @Override
    public void close() {
        OPEN.release(identity, () -> {
            model.close();
            tokenizer.close();
        });
    }
}
