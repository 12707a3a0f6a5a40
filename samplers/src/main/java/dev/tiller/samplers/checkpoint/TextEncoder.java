// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import dev.tiller.nn.clip.ClipTextModel;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import dev.tiller.text.Excerpt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint's tokenizers and text encoders, one of each, or two as in SDXL: prompts to what the network reads. Several threads
 * may use it.
 */
public final class TextEncoder implements AutoCloseable {
    private record Tower(ClipTokenizer tokenizer, ClipTextModel model) implements AutoCloseable {
        static Tower load(Path tokens, Path weights, DType dtype, Device device) {
            var tokenizer = ClipTokenizer.load(tokens);
            try {
                return new Tower(tokenizer, ClipTextModel.load(weights, dtype, device));
            } catch (RuntimeException | Error e) {
                tokenizer.close();
                throw e;
            }
        }

        Tensor ids(List<String> texts) {
            var ids = texts.stream()
                    .flatMapToLong(text -> Arrays.stream(tokenizer.encode(text).ids()))
                    .toArray();
            return Tensor.of(ids, texts.size(), tokenizer.length());
        }

        @Override
        public void close() {
            model.close();
            tokenizer.close();
        }
    }

    /**
     * What the network reads of N texts; the caller closes the tensors.
     *
     * @param states N × tokens × channels; of two encoders those of both, side by side
     * @param pooled N × channels, the second encoder's embedding of the whole text; empty where there is one encoder
     */
    public record Encoded(Tensor states, Optional<Tensor> pooled) {
        /** Nothing at all, in the shape of this: SDXL was trained with it in the place of an empty prompt. */
        Encoded zeros() {
            return new Encoded(states.times(0), pooled.map(p -> p.times(0)));
        }

        /** These texts, and others below. */
        Encoded with(Encoded others) {
            return new Encoded(
                    Tensor.concat(0, states, others.states),
                    pooled.map(p -> Tensor.concat(0, p, others.pooled.orElseThrow())));
        }
    }

    private final List<Tower> towers;

    private TextEncoder(List<Tower> towers) {
        this.towers = List.copyOf(towers);
    }

    static TextEncoder load(Path checkpoint, ModelIndex index, DType dtype, Device device) {
        var towers = new ArrayList<Tower>();
        try {
            for (var which : index.parts().containsKey("text_encoder_2") ? List.of("", "_2") : List.of("")) {
                towers.add(Tower.load(
                        checkpoint.resolve("tokenizer" + which),
                        checkpoint.resolve("text_encoder" + which),
                        dtype,
                        device));
            }
            return new TextEncoder(towers);
        } catch (RuntimeException | Error e) {
            towers.forEach(Tower::close);
            throw e;
        }
    }

    /** The tokenizer of the first encoder. */
    public ClipTokenizer tokenizer() {
        return towers.get(0).tokenizer();
    }

    /**
     * The states of texts. One encoder's are those of its last layer after its final normalisation; two encoders' are those of their
     * last but one, not normalised (Podell et al. 2023, section 2.1).
     *
     * @param clipSkip how many layers less, 0 for none; one encoder's final normalisation is applied in any case
     * @throws TillerException if the second encoder has no projection
     */
    public Encoded encode(List<String> texts, int clipSkip) {
        try (var scope = Scope.open()) {
            if (towers.size() == 1) {
                var model = towers.get(0).model();
                return new Encoded(scope.keep(model.states(towers.get(0).ids(texts), clipSkip)), Optional.empty());
            }
            var said = towers.stream()
                    .map(tower -> tower.model().forward(tower.ids(texts), null, clipSkip + 1))
                    .toList();
            var states = said.stream().map(ClipTextModel.States::skipped).toArray(Tensor[]::new);
            var pooled = said.get(said.size() - 1).embedding();
            if (pooled.isEmpty()) {
                throw new TillerException("The second text encoder has no text_projection.weight, which SDXL needs: its"
                        + " files are not complete.");
            }
            return new Encoded(scope.keep(Tensor.concat(2, states)), pooled.map(scope::keep));
        }
    }

    /** What the user should know of how these texts are read: what is cut off. */
    public List<String> remarks(String... texts) {
        var remarks = new LinkedHashSet<String>();
        for (var text : texts) {
            for (var tower : towers) {
                int lost = tower.tokenizer().encode(text).lost();
                if (lost > 0) {
                    remarks.add("The model reads only the first "
                            + (tower.tokenizer().length() - 2) + " tokens of a text: the last " + lost + " of '"
                            + Excerpt.of(text) + "' are cut off.");
                }
            }
        }
        return List.copyOf(remarks);
    }

    @Override
    public void close() {
        towers.forEach(Tower::close);
    }
}
