// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a CLIP tokenizer's folder says.
 *
 * @param pipeline the tokenizer in the format of the Hugging Face tokenizers library ({@code tokenizer.json})
 * @param vocabulary token to number, special tokens included
 */
record TokenizerFiles(
        String pipeline, Map<String, Integer> vocabulary, String bos, String eos, String pad, int length) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String BOS = "<|startoftext|>";
    private static final String EOS = "<|endoftext|>";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String SPECIAL = "special_tokens_map.json";

    /** CLIP's number of positions, for folders that name none. */
    private static final int LENGTH = 77;

    /** Folders written without a limit give 1e30; no text encoder of this kind has as many positions as this. */
    private static final double MAX_LENGTH = 1 << 20;

    /** The split pattern of CLIP's own tokenizer. */
    private static final String WORDS =
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    static TokenizerFiles in(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new TillerException("There is no tokenizer folder " + folder + ".");
        }
        var config = optional(folder.resolve(CONFIG));
        requireOurs(folder.resolve(CONFIG), config);
        var special = optional(folder.resolve(SPECIAL));
        // Where both name a token the map goes, as in SD2.x's padding, until added_tokens_decoder made it a mere copy.
        var files = config.has("added_tokens_decoder") ? List.of(config, special) : List.of(special, config);
        var bos = special("bos_token", BOS, files);
        var eos = special("eos_token", EOS, files);
        var pad = special("pad_token", eos, files);
        var ready = folder.resolve("tokenizer.json");
        var vocabulary = new LinkedHashMap<String, Integer>();
        JsonNode pipeline;
        if (Files.exists(ready)) {
            pipeline = object(ready);
            readVocabulary(ready, pipeline, vocabulary);
        } else {
            var file = folder.resolve("vocab.json");
            numbers(file, object(file), vocabulary);
            pipeline = pipeline(vocabulary, merges(folder.resolve("merges.txt")), bos, eos);
        }
        add(addedTokens(folder, config), pipeline, vocabulary);
        for (var token : List.of(bos, eos, pad)) {
            if (!vocabulary.containsKey(token)) {
                throw new TillerException("The tokenizer in " + folder + " lacks its own special token '" + token
                        + "' in the vocabulary.");
            }
        }
        return new TokenizerFiles(
                pipeline.toString(), vocabulary, bos, eos, pad, length(folder.resolve(CONFIG), config));
    }

    /** Refuses what would give other tokens than {@link ClipTokenizer} does. */
    private static void requireOurs(Path file, JsonNode config) {
        for (var side : List.of("padding_side", "truncation_side")) {
            if (!config.path(side).asText("right").equals("right")) {
                throw new TillerException(
                        file + ": " + side + " = " + config.path(side) + " is not supported; supported: right.");
            }
        }
        if (config.path("split_special_tokens").asBoolean(false)) {
            throw new TillerException(file + ": split_special_tokens = true is not supported.");
        }
    }

    /** The words that a checkpoint was taught beside its vocabulary, such as those of textual inversion, in tokenizer.json's format. */
    private static ArrayNode addedTokens(Path folder, JsonNode config) {
        var added = JSON.createArrayNode();
        for (var entry : config.path("added_tokens_decoder").properties()) {
            if (entry.getValue() instanceof ObjectNode token && entry.getKey().matches("\\d{1,9}")) {
                added.add(token.deepCopy().put("id", Integer.valueOf(entry.getKey())));
            }
        }
        var file = folder.resolve("added_tokens.json");
        var listed = optional(file);
        var numbers = new LinkedHashMap<String, Integer>();
        if (!listed.isEmpty()) {
            numbers(file, listed, numbers);
        }
        numbers.forEach(
                (content, id) -> added.addObject().put("content", content).put("id", id));
        return added;
    }

    /** Adds the tokens that neither the vocabulary nor the pipeline has, in the order of their numbers. */
    private static void add(ArrayNode added, JsonNode pipeline, Map<String, Integer> vocabulary) {
        var tokens = ((ObjectNode) pipeline).withArray("added_tokens");
        StreamSupport.stream(added.spliterator(), false)
                .sorted(Comparator.comparingInt(token -> token.path("id").asInt()))
                .forEach(token -> {
                    var content = token.path("content").asText();
                    int id = token.path("id").asInt();
                    if (!content.isEmpty() && vocabulary.putIfAbsent(content, id) == null) {
                        var whole = token(id, content, true, false);
                        whole.setAll((ObjectNode) token);
                        tokens.add(whole);
                    }
                });
    }

    private static ObjectNode token(int id, String content, boolean normalized, boolean special) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", normalized)
                .put("special", special);
    }

    private static int length(Path file, JsonNode config) {
        var node = config.path("model_max_length");
        if (node.isMissingNode() || node.isNull() || (node.isNumber() && node.doubleValue() > MAX_LENGTH)) {
            return LENGTH;
        }
        if (!node.isIntegralNumber() || node.intValue() < 3) {
            throw new TillerException(
                    file + ": model_max_length must be a whole number of at least 3, and not " + node + ".");
        }
        return node.intValue();
    }

    /** A special token: a text, or an object with its content; the first file that names it goes. */
    private static String special(String key, String orElse, List<JsonNode> files) {
        for (var file : files) {
            var node = file.path(key);
            var text = node.isObject() ? node.path("content") : node;
            if (text.isTextual()) {
                return text.textValue();
            }
        }
        return orElse;
    }

    private static void readVocabulary(Path file, JsonNode root, Map<String, Integer> vocabulary) {
        var model = root.path("model");
        if (!model.path("type").asText("BPE").equals("BPE")
                || !model.path("end_of_word_suffix").asText().equals("</w>")) {
            throw new TillerException(
                    file + " is not CLIP's kind of tokenizer (byte-pair encoding with the suffix </w>).");
        }
        numbers(file, model.path("vocab"), vocabulary);
        if (!root.hasNonNull("added_tokens")) {
            ((ObjectNode) root).putArray("added_tokens");
        } else if (!root.path("added_tokens").isArray()) {
            throw new TillerException(file + ": added_tokens must be a list.");
        }
        for (var added : root.path("added_tokens")) {
            vocabulary.put(added.path("content").asText(), added.path("id").asInt());
        }
        // Length and padding are ours.
        ((ObjectNode) root).putNull("truncation").putNull("padding");
    }

    private static void numbers(Path file, JsonNode object, Map<String, Integer> vocabulary) {
        for (var entry : object.properties()) {
            if (!entry.getValue().isInt() || entry.getValue().intValue() < 0) {
                throw new TillerException(file + " gives the token '" + entry.getKey() + "' no number.");
            }
            vocabulary.put(entry.getKey(), entry.getValue().intValue());
        }
        if (vocabulary.isEmpty()) {
            throw new TillerException(file + " holds no vocabulary.");
        }
    }

    private static ArrayNode merges(Path file) {
        var merges = JsonNodeFactory.instance.arrayNode();
        for (var line : text(file).split("\n", -1)) {
            var merge = line.strip();
            if (merge.isEmpty() || merge.startsWith("#version")) {
                continue;
            }
            var pair = merge.split(" ", -1);
            if (pair.length != 2) {
                throw new TillerException(file + " is no list of merges: two tokens a line are wanted, and not '"
                        + merge.substring(0, Math.min(merge.length(), 40)) + "'.");
            }
            merges.addArray().add(pair[0]).add(pair[1]);
        }
        return merges;
    }

    /** CLIP's tokenizer: NFC, white space to one blank, lower case, its word pattern, bytes, byte-pair encoding. */
    private static ObjectNode pipeline(Map<String, Integer> vocabulary, ArrayNode merges, String bos, String eos) {
        var root = JSON.createObjectNode().put("version", "1.0");
        var added = root.putArray("added_tokens");
        for (var token : List.of(bos, eos)) {
            if (vocabulary.containsKey(token)) {
                added.add(token(vocabulary.get(token), token, token.equals(bos), true));
            }
        }
        var normalizers = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        normalizers.addObject().put("type", "NFC");
        normalizers
                .addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("Regex", "\\s+");
        normalizers.addObject().put("type", "Lowercase");
        var splitters = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        splitters
                .addObject()
                .put("type", "Split")
                .put("behavior", "Removed")
                .put("invert", true)
                .putObject("pattern")
                .put("Regex", WORDS);
        splitters
                .addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        var model = root.putObject("model")
                .put("type", "BPE")
                .put("unk_token", eos)
                .put("continuing_subword_prefix", "")
                .put("end_of_word_suffix", "</w>")
                .put("fuse_unk", false)
                .put("byte_fallback", false);
        var vocab = model.putObject("vocab");
        vocabulary.forEach(vocab::put);
        model.set("merges", merges);
        return root;
    }

    private static JsonNode optional(Path file) {
        return Files.exists(file) ? object(file) : JSON.createObjectNode();
    }

    private static JsonNode object(Path file) {
        @Nullable JsonNode node;
        try {
            node = JSON.readTree(text(file));
        } catch (JsonProcessingException e) {
            throw new TillerException(file + " is not valid JSON: " + e.getOriginalMessage() + ".", e);
        }
        if (node == null || !node.isObject()) {
            throw new TillerException(file + " is not what a tokenizer's folder holds: it is not a JSON object.");
        }
        return node;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new TillerException(
                    "The tokenizer lacks " + file + ": tokenizer.json, or vocab.json and merges.txt, are wanted.", e);
        } catch (CharacterCodingException e) {
            throw new TillerException(file + " is not a UTF-8 text.", e);
        } catch (IOException e) {
            throw new TillerException("Cannot read " + file + ".", e);
        }
    }
}
