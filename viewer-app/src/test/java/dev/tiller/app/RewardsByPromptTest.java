// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardCatalogue;
import dev.tiller.reward.RewardExpression;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardProvider;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Images;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewardsByPromptTest {
    private final List<String> done = new ArrayList<>();

    /** Says what it does; each reward has called a judge once. */
    private final class Counted implements RewardProvider<Images> {
        private final RewardInfo info;
        private final boolean shares;

        Counted(String name, boolean shares) {
            this.info = new RewardInfo(name, "nothing", "none", false, false);
            this.shares = shares;
        }

        @Override
        public RewardInfo info() {
            return info;
        }

        @Override
        public Class<Images> looksAt() {
            return Images.class;
        }

        @Override
        public Reward<Images> create(RewardRequest request) {
            if (request.prompt().isEmpty()) {
                throw new TillerException("There is no prompt.");
            }
            done.add("+" + request.prompt());
            return new Reward<>() {
                @Override
                public RewardInfo info() {
                    return info;
                }

                @Override
                public double[] score(Images images) {
                    return new double[images.size()];
                }

                @Override
                public Cost cost() {
                    return new Cost(0, 0, 0, 0, 1, 10);
                }

                @Override
                public boolean shares() {
                    return shares;
                }

                @Override
                public void close() {
                    done.add("-" + request.prompt());
                }
            };
        }
    }

    private RewardsByPrompt rewards(String expression) {
        return new RewardsByPrompt(
                new RewardCatalogue<>(List.of(new Counted("apart", false), new Counted("together", true))),
                RewardExpression.parse(expression),
                new RewardRequest("", Map.of(), Path::of, "cpu", note -> {}));
    }

    /** Counted: made once for a prompt; where something is shared, before the last one lets go of it. */
    @Test
    void ofEachPromptOne() {
        try (var rewards = rewards("together")) {
            var first = rewards.of("a");
            assertSame(first, rewards.of("a"));
            rewards.of("b");
            assertEquals(List.of("+a", "+b", "-a"), done);
            assertEquals(2, rewards.cost().judgeCalls());
        }
        assertEquals(List.of("+a", "+b", "-a", "-b"), done);
        done.clear();
        var rewards = rewards("apart");
        rewards.of("a");
        rewards.of("b");
        assertEquals(List.of("+a", "-a", "+b"), done);
        assertThrows(TillerException.class, () -> rewards.of(""));
        rewards.close();
        assertEquals(List.of("+a", "-a", "+b", "-b"), done);
        assertEquals(20, rewards.cost().judgeTokens());
        assertThrows(TillerException.class, () -> rewards("none"));
    }
}
