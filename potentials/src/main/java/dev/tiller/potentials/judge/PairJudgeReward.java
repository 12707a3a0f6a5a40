// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.potentials.judge.Panel.Asking;
import dev.tiller.reward.BradleyTerry;
import dev.tiller.reward.BradleyTerry.Comparison;
import dev.tiller.reward.PopulationReward;
import dev.tiller.reward.Reward.Scores;
import dev.tiller.reward.RewardInfo;
import dev.tiller.run.Cost;
import dev.tiller.tensor.Images;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A judge compares the pictures of a population two by two, each pair in both orders since judges prefer a place, and
 * Bradley and Terry's model makes strengths of it. Every picture meets {@code rounds} others: its neighbours at growing
 * distance in a ring, so that all are connected. NaN where all of a picture's comparisons are flagged.
 */
final class PairJudgeReward implements PopulationReward<Images, byte[]> {
    private static final double PRIOR = 2;

    private final String prompt;
    private final int rounds;
    private final Panel panel;
    private final Panel.Bill bill = new Panel.Bill();
    private final Consumer<String> warnings;

    /** @param panel owned by the reward */
    PairJudgeReward(String prompt, int rounds, Panel panel, Consumer<String> warnings) {
        this.prompt = prompt;
        this.rounds = rounds;
        this.panel = panel;
        this.warnings = warnings;
    }

    @Override
    public RewardInfo info() {
        return JudgeProvider.INFO;
    }

    @Override
    public List<byte[]> look(Images part) {
        return JudgeReward.pngs(part);
    }

    @Override
    public Scores value(List<byte[]> seen) {
        int n = seen.size();
        var pairs = new ArrayList<int[]>();
        for (int distance = 1; distance <= Math.min(rounds, n / 2); distance++) {
            for (int i = 0; i < n; i++) {
                int j = (i + distance) % n;
                if (2 * distance < n || i < j) {
                    pairs.add(new int[] {i, j});
                }
            }
        }
        var askings = new ArrayList<Asking>();
        for (var pair : pairs) {
            askings.add(asking(seen.get(pair[0]), seen.get(pair[1])));
            askings.add(asking(seen.get(pair[1]), seen.get(pair[0])));
        }
        var verdicts = panel.ask(askings, bill);
        var comparisons = new ArrayList<Comparison>();
        var compared = new boolean[n];
        for (int p = 0; p < pairs.size(); p++) {
            var there = verdicts.get(2 * p);
            var back = verdicts.get(2 * p + 1);
            var flag = there.flag() + back.flag();
            if (flag.isEmpty()) {
                int i = pairs.get(p)[0];
                int j = pairs.get(p)[1];
                comparisons.add(new Comparison(i, j, (there.value() + 1 - back.value()) / 2));
                compared[i] = true;
                compared[j] = true;
            } else {
                warnings.accept("The judge's comparison of pictures " + pairs.get(p)[0] + " and " + pairs.get(p)[1]
                        + " does not count: " + flag + ".");
            }
        }
        var strengths = BradleyTerry.strengths(n, comparisons, PRIOR);
        Arrays.setAll(strengths, i -> compared[i] || n == 1 ? strengths[i] : Double.NaN);
        return new Scores(strengths, Map.of());
    }

    private Asking asking(byte[] first, byte[] second) {
        return new Asking(Template.PAIR, Template.PAIR.question(prompt, List.of(), List.of(first, second)), 0);
    }

    @Override
    public Cost cost() {
        return bill.cost();
    }

    @Override
    public boolean shares() {
        return true;
    }

    @Override
    public void close() {
        panel.close();
    }
}
