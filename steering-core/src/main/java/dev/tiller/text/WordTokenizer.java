// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Tokenizers of other text encoders than CLIP's: BERT's word pieces ({@code [CLS] … [SEP]}, for BLIP) and SigLIP's
 * ({@code … </s>}). Safe for several threads at once. Holds native memory until it is closed.
 */
public final class WordTokenizer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HuggingFaceTokenizer pipeline;
    private final long[] before;
    private final long[] after;
    private final long pad;
    private final int length;

    private WordTokenizer(HuggingFaceTokenizer pipeline, long[] before, long[] after, long pad, int length) {
        this.pipeline = pipeline;
        this.before = before;
        this.after = after;
        this.pad = pad;
        this.length = length;
    }

    /**
     * BERT's, uncased, from the folder's {@code vocab.txt}.
     *
     * @param length what texts are cut or padded to, with {@code [PAD]}
     * @throws TillerException if the file is missing or is no such vocabulary
     */
    public static WordTokenizer bert(Path folder, int length) {
        var file = folder.resolve("vocab.txt");
        var vocabulary = JsonNodeFactory.instance.objectNode();
        try {
            for (var line : Files.readAllLines(file)) {
                vocabulary.put(line, vocabulary.size());
            }
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ", the vocabulary of bert-base-uncased.", e);
        }
        for (var special : new String[] {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}) {
            if (!vocabulary.has(special)) {
                throw new TillerException(file + " is no vocabulary of BERT: it lacks " + special + ".");
            }
        }
        var root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .putNull("strip_accents")
                .put("lowercase", true);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        var model = root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100);
        model.set("vocab", vocabulary);
        return new WordTokenizer(
                ClipTokenizer.open(folder, root.toString()),
                new long[] {vocabulary.path("[CLS]").longValue()},
                new long[] {vocabulary.path("[SEP]").longValue()},
                vocabulary.path("[PAD]").longValue(),
                length);
    }

    /**
     * SigLIP's, from the folder's {@code tokenizer.json}; its normalisation is the file's own.
     *
     * @param length what texts are cut or padded to, with {@code </s>}
     * @throws TillerException if the file is missing or is no tokenizer
     */
    public static WordTokenizer siglip(Path folder, int length) {
        var file = folder.resolve("tokenizer.json");
        try {
            if (!(JSON.readTree(Files.readString(file)) instanceof ObjectNode root)) {
                throw new TillerException(file + " is no tokenizer.");
            }
            // Length, padding and the end are ours.
            root.putNull("truncation").putNull("padding").putNull("post_processor");
            long end = -1;
            for (var added : root.path("added_tokens")) {
                end = added.path("content").asText().equals("</s>")
                        ? added.path("id").longValue()
                        : end;
            }
            if (end < 0) {
                throw new TillerException(file + " is not SigLIP's tokenizer: it has no token </s>.");
            }
            return new WordTokenizer(
                    ClipTokenizer.open(folder, root.toString()), new long[0], new long[] {end}, end, length);
        } catch (JsonProcessingException e) {
            throw new TillerException(file + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ", the model's tokenizer.", e);
        }
    }

    /** How many tokens a text becomes. */
    public int length() {
        return length;
    }

    /** The tokens of a text. */
    public Tokens encode(String text) {
        long[] words =
                pipeline.encode(ClipTokenizer.wellFormed(text), false, false).getIds();
        int kept = Math.min(words.length, length - before.length - after.length);
        int used = before.length + kept + after.length;
        var ids = new long[length];
        Arrays.fill(ids, pad);
        System.arraycopy(before, 0, ids, 0, before.length);
        System.arraycopy(words, 0, ids, before.length, kept);
        System.arraycopy(after, 0, ids, before.length + kept, after.length);
        var mask = new long[length];
        Arrays.fill(mask, 0, used, 1);
        return new Tokens(ids, mask, words.length - kept);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
