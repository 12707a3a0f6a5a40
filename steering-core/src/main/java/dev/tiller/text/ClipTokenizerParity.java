// SPDX-License-Identifier: Apache-2.0
package dev.tiller.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** {@link ClipTokenizer} against transformers' CLIPTokenizer. */
public final class ClipTokenizerParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("tokenizers") && golden.className().contains("CLIPTokenizer");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        var prompts = prompts(golden);
        try (var tokenizer = ClipTokenizer.load(golden.directory())) {
            compare(golden, report, "ids_sd1", tokenizer, prompts, Tokens::ids);
            compare(golden, report, "attention_mask", tokenizer, prompts, Tokens::mask);
        }
        try (var padsWithZero = ClipTokenizer.load(golden.directory(), "!")) {
            compare(golden, report, "ids_pad0", padsWithZero, prompts, Tokens::ids);
        }
        report.notSupported(golden, "ids_open_clip", "the text cleaning of open_clip");
        report.notSupported(golden, "ids_slow_ftfy", "the text cleaning of ftfy");
    }

    private static void compare(
            Golden golden,
            ParityReport report,
            String tensor,
            ClipTokenizer tokenizer,
            List<String> prompts,
            Function<Tokens, long[]> part) {
        long[] all = prompts.stream()
                .flatMapToLong(p -> Arrays.stream(part.apply(tokenizer.encode(p))))
                .toArray();
        report.compare(golden, tensor, all, prompts.size(), tokenizer.length());
    }

    private static List<String> prompts(Golden golden) {
        var file = golden.file("prompts.json");
        try {
            var prompts = new ArrayList<String>();
            for (JsonNode each : JsonMapper.builder().build().readTree(Files.readAllBytes(file))) {
                prompts.add(each.path("prompt").asText());
            }
            return prompts;
        } catch (IOException e) {
            throw new TillerException("Cannot read the prompts in " + file + ".", e);
        }
    }
}
