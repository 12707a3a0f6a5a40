// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.reward.RewardExpression.Named;
import dev.tiller.reward.RewardExpression.Sum;
import dev.tiller.reward.RewardExpression.Term;
import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardExpressionTest {
    @Test
    void readsWhatIsWrittenInTheHelp() {
        assertEquals(new Named("clip"), RewardExpression.parse("clip"));
        assertEquals(
                new Sum(List.of(new Term(0.7, new Named("clip")), new Term(0.3, new Named("aesthetic")))),
                RewardExpression.parse("0.7*clip + 0.3*aesthetic"));
        assertEquals(
                new Named("judge", Map.of("url", "http://localhost:11434/v1", "model", "m")),
                RewardExpression.parse("judge(url=http://localhost:11434/v1, model=m)"));
        assertEquals(
                new Sum(List.of(new Term(1, new Named("a")), new Term(-1, new Named("b")))),
                RewardExpression.parse(" a - b "));
        assertEquals(
                new Named("clip", Map.of("model", "C:\\a (1), \"b\"")),
                RewardExpression.parse("clip ( model = \"C:\\\\a (1), \\\"b\\\"\" )"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1*clip|clip",
                "clip()|clip",
                "-clip|-clip",
                "-2.50*clip+1e-3*b|-2.5*clip + 0.001*b",
                "clip-aesthetic|clip - aesthetic",
                "judge(b=1,a=\"x\")|judge(b=1, a=x)",
                "judge(a=\"\")|judge(a=\"\")"
            })
    void canonicalText(String written, String canonical) {
        assertEquals(canonical, RewardExpression.parse(written).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|1|expected the name of a reward",
                "0.5 clip|5|expected * and",
                "clip +|7|expected the name",
                "clip clip|6|expected + or -",
                "clip(model)|11|expected = after the option model",
                "clip(model=)|12|expected a value for model",
                "clip(model=a b)|14|expected , or )",
                "clip(model=\"a|12|the quote is not closed",
                "clip(m=a, m=b)|11|given twice",
                "1e999*clip|1|too large",
                "clip)|5|expected + or -"
            })
    void errorsPointAtTheColumn(String text, int column, String what) {
        var e = assertThrows(TillerException.class, () -> RewardExpression.parse(text));
        assertTrue(
                e.getMessage().contains("column " + column + ": ")
                        && e.getMessage().contains(what),
                e.getMessage());
        var lines = e.getMessage().split("\n", -1);
        assertEquals(column - 1, lines[2].indexOf('^') - 2);
    }

    @Test
    void aLongTextIsShownAroundTheError() {
        var e = assertThrows(TillerException.class, () -> RewardExpression.parse("a + ".repeat(5000) + "?"));
        assertTrue(e.getMessage().contains("column 20001") && e.getMessage().length() < 300);
    }

    @Test
    void parsingThePrintedTextGivesTheExpressionAgain() {
        var random = new SplittableRandom(6);
        for (int i = 0; i < 2000; i++) {
            var expression = expression(random);
            var text = expression.toString();
            assertEquals(expression, RewardExpression.parse(text), text);
            assertEquals(text, RewardExpression.parse(text).toString());
        }
    }

    private static RewardExpression expression(SplittableRandom random) {
        var terms = new ArrayList<Term>();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            double weight = random.nextInt(3) == 0
                    ? random.nextInt(-3, 4)
                    : random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-12, 12));
            var options = new LinkedHashMap<String, String>();
            for (int k = random.nextInt(3); k > 0; k--) {
                options.put(word(random, "ab_9", "k"), word(random, "a \\\"',()=+*é☃\n", ""));
            }
            terms.add(new Term(weight, new Named(word(random, "cd_0", "r"), options)));
        }
        return terms.size() == 1 && terms.get(0).weight() == 1 ? terms.get(0).reward() : new Sum(terms);
    }

    private static String word(SplittableRandom random, String letters, String start) {
        var word = new StringBuilder(start);
        for (int n = random.nextInt(5); n > 0; n--) {
            word.append(letters.charAt(random.nextInt(letters.length())));
        }
        return word.toString();
    }
}
