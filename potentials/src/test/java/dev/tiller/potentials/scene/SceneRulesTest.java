// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.potentials.scene.SceneRules.Clause;
import dev.tiller.potentials.scene.SceneRules.Position;
import dev.tiller.run.TillerException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneRulesTest {
    private static final FoundObject RED_CIRCLE = found(Shape.CIRCLE, Colour.RED, 10, 30);
    private static final FoundObject BLUE_SQUARE = found(Shape.SQUARE, Colour.BLUE, 50, 32);

    @Test
    void aCaptionIsItsRules() {
        assertEquals(
                new SceneRules(
                        List.of(
                                new Clause(Shape.CIRCLE, 1, Colour.RED, null),
                                new Clause(Shape.SQUARE, 1, Colour.BLUE, null)),
                        List.of()),
                SceneRules.parse("a photo of a red circle and a blue square"));
        assertEquals(
                new SceneRules(
                        List.of(new Clause(Shape.CROSS, 3, Colour.PINK, null)),
                        List.of(new Clause(Shape.CROSS, 4, null, null))),
                SceneRules.parse("Three pink crosses."));
        assertEquals(
                new SceneRules(
                        List.of(
                                new Clause(Shape.MOON, 1, null, null),
                                new Clause(Shape.STAR, 1, null, new Position(Relation.LEFT_OF, 0))),
                        List.of()),
                SceneRules.parse("photo of a star to the left of a moon"));
    }

    @ParameterizedTest
    @CsvSource({
        "a photo of a red circle and a blue square, true, all rules hold",
        "a circle left of a square, true, all rules hold",
        "a circle right of a square, false, the circle is not right of the square",
        "a circle above a square, false, the circle is not above the square",
        "a star above a square, false, '1 star asked for, 0 found'",
        "a blue circle and a blue square, false, 'the circle is red, not blue'",
        "two circles, false, '2 circles asked for, 1 found'",
        "a circle, true, all rules hold"
    })
    void rulesAreGenEvals(String caption, boolean correct, String reason) {
        var verdict = SceneRules.parse(caption).judge(List.of(BLUE_SQUARE, RED_CIRCLE));
        assertEquals(correct, verdict.correct());
        assertEquals(reason, verdict.reason());
    }

    @Test
    void tooManyIsWrong() {
        var three = List.of(RED_CIRCLE, RED_CIRCLE, RED_CIRCLE);
        assertEquals(
                "at most 2 circles asked for, 3 found",
                SceneRules.parse("two circles").judge(three).reason());
        assertEquals(0.5, SceneRules.parse("two circles").judge(three).fulfilled());
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
        var e = assertThrows(TillerException.class, () -> SceneRules.parse(caption));
        assertTrue(e.getMessage().contains(why.replace("'", "")), e.getMessage());
    }

    @Test
    void aLongPromptIsShownShort() {
        var e = assertThrows(TillerException.class, () -> SceneRules.parse("x".repeat(10_000)));
        assertTrue(e.getMessage().length() < 400);
    }

    private static FoundObject found(Shape shape, Colour colour, double x, double y) {
        return new FoundObject(shape, colour, shape.box(x, y, 8), 0.9);
    }
}
