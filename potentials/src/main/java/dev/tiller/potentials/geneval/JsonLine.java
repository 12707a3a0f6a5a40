// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.geneval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A line of a file that holds one JSON value a line: nothing beside the value, and no field of an object twice. */
public final class JsonLine {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonLine() {}

    /**
     * @param line not blank
     * @param where what the line is, for messages
     * @throws TillerException if it is anything else than one value
     */
    public static JsonNode read(String line, String where) {
        try (var parser = JSON.createParser(line)) {
            JsonNode node = JSON.readTree(parser);
            if (parser.nextToken() != null) {
                throw new TillerException(where + " holds more than one JSON value; write one a line.");
            }
            return node;
        } catch (JsonProcessingException e) {
            // Without the parser's own switches, and the place, which is the line.
            var why = e.getOriginalMessage().replaceAll("(: enable `| \\(start marker at ).*", "");
            throw new TillerException(where + " is not valid JSON: " + why + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
