// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tiller.run.TillerException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * CLIP's byte-pair tokenizer, as diffusers' pipelines use it: a prompt becomes begin, at most {@code length − 2} tokens,
 * end, and padding. An exclamation mark stays a word also where it is the padding token (SD2.x, SDXL's second encoder):
 * so the encoders were trained, while transformers makes it padding. Safe for several threads at once. Holds native memory until it is closed.
 */
public final class ClipTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer pipeline;
    private final int bos;
    private final int eos;
    private final int pad;
    private final int length;

    private ClipTokenizer(HuggingFaceTokenizer pipeline, int bos, int eos, int pad, int length) {
        this.pipeline = pipeline;
        this.bos = bos;
        this.eos = eos;
        this.pad = pad;
        this.length = length;
    }

    /**
     * Reads a tokenizer's folder: {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt}. The length and
     * the padding token come from {@code tokenizer_config.json} or {@code special_tokens_map.json}; words that were taught beside
     * the vocabulary, as by textual inversion, from {@code added_tokens.json} or the former's {@code added_tokens_decoder}.
     *
     * @throws TillerException if a file is missing or is not what it should be
     */
    public static ClipTokenizer load(Path folder) {
        return of(folder, TokenizerFiles.in(folder));
    }

    /** As {@link #load(Path)}, with another padding token than the folder's. */
    public static ClipTokenizer load(Path folder, String pad) {
        var files = TokenizerFiles.in(folder);
        if (!files.vocabulary().containsKey(pad)) {
            throw new TillerException("The tokenizer in " + folder + " has no token '" + pad + "' to pad with.");
        }
        return of(
                folder,
                new TokenizerFiles(
                        files.pipeline(), files.vocabulary(), files.bos(), files.eos(), pad, files.length()));
    }

    private static ClipTokenizer of(Path folder, TokenizerFiles files) {
        var ids = files.vocabulary();
        return new ClipTokenizer(
                open(folder, files.pipeline()),
                id(ids, files.bos()),
                id(ids, files.eos()),
                id(ids, files.pad()),
                files.length());
    }

    private static int id(Map<String, Integer> ids, String token) {
        return ids.getOrDefault(token, -1);
    }

    static HuggingFaceTokenizer open(Path folder, String pipeline) {
        // Before DJL's first class: it is to download nothing and to tell nobody.
        System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
        System.setProperty("OPT_OUT_TRACKING", System.getProperty("OPT_OUT_TRACKING", "true"));
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(pipeline.getBytes(StandardCharsets.UTF_8)),
                    Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false"));
        } catch (IOException | RuntimeException e) {
            throw new TillerException(
                    "The files of the tokenizer in " + folder + " do not fit together: " + e.getMessage() + ".", e);
        } catch (LinkageError e) {
            throw new TillerException(
                    "The native tokenizer does not start on this machine: " + e.getMessage() + ".", e);
        }
    }

    /** How many tokens a text encoder reads. */
    public int length() {
        return length;
    }

    public int bos() {
        return bos;
    }

    public int eos() {
        return eos;
    }

    public int pad() {
        return pad;
    }

    /** The tokens of a prompt. What is half of a surrogate pair counts as U+FFFD. */
    public Tokens encode(String prompt) {
        long[] words = pipeline.encode(wellFormed(prompt), false, false).getIds();
        int kept = Math.min(words.length, length - 2);
        var ids = new long[length];
        Arrays.fill(ids, pad);
        ids[0] = bos;
        System.arraycopy(words, 0, ids, 1, kept);
        ids[kept + 1] = eos;
        var mask = new long[length];
        Arrays.fill(mask, 0, kept + 2, 1);
        return new Tokens(ids, mask, words.length - kept);
    }

    /** UTF-8 has no bytes for half of a surrogate pair. */
    static String wellFormed(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
