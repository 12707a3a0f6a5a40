// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import dev.tiller.nn.clip.ClipTextModel;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.text.ClipTokenizer;
import dev.tiller.text.Excerpt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A checkpoint's tokenizer and text encoder: prompts to the states that the network reads. */
public final class TextEncoder implements AutoCloseable {
    private final ClipTokenizer tokenizer;
    private final ClipTextModel model;

    private TextEncoder(ClipTokenizer tokenizer, ClipTextModel model) {
        this.tokenizer = tokenizer;
        this.model = model;
    }

    static TextEncoder load(Path checkpoint, DType dtype, Device device) {
        var tokenizer = ClipTokenizer.load(checkpoint.resolve("tokenizer"));
        try {
            return new TextEncoder(tokenizer, ClipTextModel.load(checkpoint.resolve("text_encoder"), dtype, device));
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    public ClipTokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * The states of texts.
     *
     * @param clipSkip how many of the last layers are skipped, 0 for none; the final normalisation is applied in any case
     * @return texts × tokens × channels; the caller closes it
     */
    public Tensor encode(List<String> texts, int clipSkip) {
        int length = tokenizer.length();
        var ids = new long[texts.size() * length];
        for (int i = 0; i < texts.size(); i++) {
            System.arraycopy(tokenizer.encode(texts.get(i)).ids(), 0, ids, i * length, length);
        }
        try (var scope = Scope.open()) {
            return scope.keep(model.states(Tensor.of(ids, texts.size(), length), clipSkip));
        }
    }

    /** What the user should know of how these texts are read: what is cut off. */
    public List<String> remarks(String... texts) {
        var remarks = new ArrayList<String>();
        for (var text : texts) {
            int lost = tokenizer.encode(text).lost();
            if (lost > 0) {
                remarks.add("The model reads only the first " + (tokenizer.length() - 2)
                        + " tokens of a text: the last " + lost + " of '" + Excerpt.of(text) + "' are cut off.");
            }
        }
        return remarks;
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
