// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tiller.run.Cost;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A picture of a benchmark, made and judged.
 *
 * @param recipe SHA-256 of everything it depends on
 * @param cell the name of its cell
 * @param prompt its place in the suite
 * @param image its number among the prompt's, from 0
 * @param seed of its run
 * @param picture SHA-256 of its file
 * @param correct by the rules; null where nobody could say
 * @param reason what does not hold, in words
 * @param reward what it was steered by
 * @param judges what others think of it, by their expressions
 * @param cost counted, with what those who judged the answer were paid
 * @param seconds that it took here
 * @param overhead seconds of them that were scheduling, hashing, encoding and writing; 0 where an older version made it
 * @param remarks what its prompt's model and rewards had to say so far, such as that a text was cut; none where an older
 *     version made it
 */
public record UnitRecord(
        String recipe,
        String cell,
        int prompt,
        int image,
        long seed,
        String picture,
        @Nullable Boolean correct,
        String reason,
        double reward,
        Map<String, Double> judges,
        Cost cost,
        double seconds,
        double overhead,
        List<String> remarks) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public UnitRecord {
        // Jackson leaves out what a damaged file lacks.
        Objects.requireNonNull(recipe);
        Objects.requireNonNull(cell);
        Objects.requireNonNull(picture);
        Objects.requireNonNull(judges);
        Objects.requireNonNull(cost);
        remarks = Objects.requireNonNullElse(remarks, List.of());
    }

    /** As one line. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws JsonProcessingException if the text is none of these */
    public static UnitRecord ofJson(String json) throws JsonProcessingException {
        return JSON.readValue(json, UnitRecord.class);
    }
}
