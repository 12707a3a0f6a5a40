// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers on disk, one JSON file each, named by the hash of the question and holding the answer as it came: nothing is
 * paid for twice, also after a kill. A file that cannot be read is asked for again.
 */
final class ReplyCache {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;

    ReplyCache(Path folder) {
        this.folder = folder;
    }

    /** @param attempt an unreadable answer is kept too, and the next attempt has its own */
    Optional<Reply> get(String hash, int attempt) {
        var file = file(hash, attempt);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            var node = JSON.readTree(Files.readAllBytes(file));
            if (!node.path("text").isTextual() || !node.path("tokens").isIntegralNumber()) {
                return Optional.empty();
            }
            Map<String, Double> first = new HashMap<>();
            node.path("firstWord")
                    .properties()
                    .forEach(e -> first.put(e.getKey(), e.getValue().doubleValue()));
            return Optional.of(new Reply(
                    node.get("text").asText(), first, node.get("tokens").longValue()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Before the answer is used. */
    void put(String hash, int attempt, String judge, Question question, Reply reply) {
        var node = JSON.createObjectNode()
                .put("judge", judge)
                .put("template", question.template())
                .put("question", question.text())
                .put("text", reply.text())
                .put("tokens", reply.tokens());
        reply.firstWord().forEach(node.putObject("firstWord")::put);
        var file = file(hash, attempt);
        try {
            Files.createDirectories(file.getParent());
            var draft = Files.createTempFile(file.getParent(), hash, ".draft");
            Files.write(draft, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new TillerException("Cannot keep the judge's answer in " + file + ": " + e.getMessage() + ".", e);
        }
    }

    private Path file(String hash, int attempt) {
        return folder.resolve(hash.substring(0, 2)).resolve(hash + (attempt == 0 ? "" : "-" + attempt) + ".json");
    }
}
