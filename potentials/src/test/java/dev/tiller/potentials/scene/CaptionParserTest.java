// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.geneval.Detection;
import dev.tiller.potentials.geneval.Relation;
import dev.tiller.potentials.geneval.Rules;
import dev.tiller.potentials.geneval.Rules.Clause;
import dev.tiller.potentials.geneval.Rules.Position;
import dev.tiller.run.TillerException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionParserTest {
    private static final Detection RED_CIRCLE = found(Shape.CIRCLE, Colour.RED, 10, 30);
    private static final Detection BLUE_SQUARE = found(Shape.SQUARE, Colour.BLUE, 50, 32);

    @Test
    void aCaptionIsItsRules() {
        assertEquals(
                new Rules(
                        List.of(new Clause("circle", 1, "red", null), new Clause("square", 1, "blue", null)),
                        List.of()),
                CaptionParser.parse("a photo of a red circle and a blue square"));
        assertEquals(
                new Rules(List.of(new Clause("cross", 3, "pink", null)), List.of(new Clause("cross", 4, null, null))),
                CaptionParser.parse("Three pink crosses."));
        assertEquals(
                new Rules(
                        List.of(
                                new Clause("moon", 1, null, null),
                                new Clause("star", 1, null, new Position(Relation.LEFT_OF, 0))),
                        List.of()),
                CaptionParser.parse("photo of a star to the left of a moon"));
    }

    @ParameterizedTest
    @CsvSource({
        "a photo of a red circle and a blue square, true,",
        "a circle left of a square, true,",
        "a circle right of a square, false, the circle is not right of the square",
        "a circle above a square, false, the circle is not above the square",
        "a star above a square, false, '1 × star asked for, 0 found'",
        "a blue circle and a blue square, false, 'the circle is red, not blue'",
        "two circles, false, '2 × circle asked for, 1 found'",
        "a circle, true,"
    })
    void rulesAreGenEvals(String caption, boolean correct, @Nullable String reason) {
        var verdict = CaptionParser.parse(caption).judge(List.of(BLUE_SQUARE, RED_CIRCLE));
        assertEquals(correct, verdict.correct());
        assertEquals(reason == null ? "" : reason, verdict.reason());
    }

    @Test
    void tooManyIsWrong() {
        var three = List.of(RED_CIRCLE, RED_CIRCLE, RED_CIRCLE);
        assertEquals(
                "fewer than 3 × circle asked for, 3 found",
                CaptionParser.parse("two circles").judge(three).reason());
        assertEquals(0.5, CaptionParser.parse("two circles").judge(three).fulfilled());
    }

    @ParameterizedTest
    @CsvSource({
        "a photo of a dragon, 'dragon'",
        "a red, a shape is missing",
        "'', a shape is missing",
        "a circle beside a square, 'beside'",
        "a red circle and a blue circle, named twice",
        "a photo of 😀, 😀"
    })
    void otherWordsAreRefused(String caption, String why) {
        var e = assertThrows(TillerException.class, () -> CaptionParser.parse(caption));
        assertTrue(e.getMessage().contains(why.replace("'", "")), e.getMessage());
    }

    @Test
    void aLongPromptIsShownShort() {
        var e = assertThrows(TillerException.class, () -> CaptionParser.parse("x".repeat(10_000)));
        assertTrue(e.getMessage().length() < 400);
    }

    private static Detection found(Shape shape, Colour colour, double x, double y) {
        return new FoundObject(shape, colour, shape.box(x, y, 8), 0.9).detection();
    }
}
