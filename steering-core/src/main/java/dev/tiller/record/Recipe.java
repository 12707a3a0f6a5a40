// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Decision;
import dev.tiller.run.RunManifest;
import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a picture was made, as it is written into its PNG file under the keyword {@code tiller}.
 *
 * @param format always {@code tiller-picture}
 * @param version of this format
 * @param slot the particle that ended as this picture
 * @param rank its place among the particles, counting from 1
 * @param reward its total reward, NaN where there is none
 * @param parts the rewards that make up the total, by name
 * @param run how to repeat the run
 * @param decisions of a person who steered the run by hand, or those that it branched from, in order, with the branches; null in
 *     files of before they were told
 */
public record Recipe(
        String format,
        int version,
        int slot,
        int rank,
        double reward,
        Map<String, Double> parts,
        RunManifest run,
        @Nullable List<Decision.At> decisions) {
    /** The keyword of the text in a PNG file. */
    public static final String KEYWORD = "tiller";

    private static final String FORMAT = "tiller-picture";
    private static final int VERSION = 1;

    /** Of a picture that nobody had a hand in. */
    public static Recipe of(RunManifest run, int slot, int rank, double reward, Map<String, Double> parts) {
        return new Recipe(FORMAT, VERSION, slot, rank, reward, parts, run, List.of());
    }

    /** This recipe of a picture that people had a hand in. */
    public Recipe decided(List<Decision.At> made) {
        return new Recipe(format, version, slot, rank, reward, parts, run, List.copyOf(made));
    }

    /** The decisions, in order; usually none. */
    public List<Decision.At> made() {
        return decisions == null ? List.of() : decisions;
    }

    /** As {@link #in} reads it. */
    public String toJson() {
        return RecordJson.write(this);
    }

    /**
     * The recipe in a PNG file; empty if it is not one of ours.
     *
     * @throws TillerException if it is ours, but not readable by this version
     */
    public static Optional<Recipe> in(byte[] png) {
        var json = Png.texts(png).get(KEYWORD);
        if (json == null) {
            return Optional.empty();
        }
        try {
            var recipe = RecordJson.read(json, Recipe.class, "decisions");
            if (!recipe.format().equals(FORMAT) || recipe.version() != VERSION) {
                throw new TillerException("The picture's recipe is of format '" + recipe.format() + "' version "
                        + recipe.version() + "; this Tiller reads '" + FORMAT + "' version " + VERSION + ".");
            }
            return Optional.of(recipe);
        } catch (IllegalArgumentException e) {
            throw new CorruptRecordException("The picture's recipe " + e.getMessage() + ".", 0);
        }
    }
}
