// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.List;
import java.util.Map;

/**
 * Which reward to steer by, as one writes it: {@code clip}, {@code 0.7*clip + 0.3*aesthetic},
 * {@code judge(url=http://localhost:11434/v1, model=m) - 0.1*clip}.
 *
 * <pre>
 * expression = ["-"] term (("+" | "-") term)*
 * term       = [number "*"] name ["(" [option ("," option)*] ")"]
 * option     = key "=" value
 * name, key  = a letter, then letters, digits and _
 * value      = bare (no white space, none of , ( ) " ) | '"' any, with \" and \\ '"'
 * </pre>
 *
 * <p>{@code toString} is the canonical text: parsing it gives the same expression again.
 */
public sealed interface RewardExpression {

    /** A reward by name, with its options in the order written. */
    record Named(String name, Map<String, String> options) implements RewardExpression {
        public Named {
            options = RewardText.ordered(options);
            if (!RewardText.isName(name) || !options.keySet().stream().allMatch(RewardText::isName)) {
                throw new IllegalArgumentException("no name of a reward or option: " + name + " " + options.keySet());
            }
        }

        /** Without options. */
        public Named(String name) {
            this(name, Map.of());
        }

        @Override
        public String toString() {
            return RewardText.print(this);
        }
    }

    /** One summand; {@code weight} is finite. */
    record Term(double weight, Named reward) {}

    /** A weighted sum; never a single term of weight 1, which is that {@link Named} alone. */
    record Sum(List<Term> terms) implements RewardExpression {
        public Sum {
            terms = List.copyOf(terms);
            if (terms.isEmpty()
                    || (terms.size() == 1 && terms.get(0).weight() == 1)
                    || !terms.stream().allMatch(t -> Double.isFinite(t.weight()))) {
                throw new IllegalArgumentException("no weighted sum of rewards: " + terms);
            }
        }

        @Override
        public String toString() {
            return RewardText.print(this);
        }
    }

    /** The summands, also of a reward alone. */
    default List<Term> summands() {
        return this instanceof Sum sum ? sum.terms() : List.of(new Term(1, (Named) this));
    }

    /**
     * Reads an expression.
     *
     * @throws dev.tiller.run.TillerException if it is none; the message points at the column, counted from 1
     */
    static RewardExpression parse(String text) {
        return new RewardParser(text).expression();
    }
}
