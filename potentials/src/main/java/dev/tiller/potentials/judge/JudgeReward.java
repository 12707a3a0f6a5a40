// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.potentials.judge.Panel.Asking;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.reward.Reward;
import dev.tiller.reward.RewardInfo;
import dev.tiller.run.Cost;
import dev.tiller.tensor.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a judge says of each picture by itself. NaN, with a warning, where it is flagged. */
final class JudgeReward implements Reward<Images> {
    private final Template template;
    private final String prompt;
    private final List<String> questions;
    private final Panel panel;
    private final Panel.Bill bill = new Panel.Bill();
    private final Consumer<String> warnings;

    /** @param panel owned by the reward */
    JudgeReward(Template template, String prompt, List<String> questions, Panel panel, Consumer<String> warnings) {
        this.template = template;
        this.prompt = prompt;
        this.questions = questions;
        this.panel = panel;
        this.warnings = warnings;
    }

    @Override
    public RewardInfo info() {
        return JudgeProvider.INFO;
    }

    @Override
    public double[] score(Images images) {
        var askings = new ArrayList<Asking>();
        for (var picture : pngs(images)) {
            askings.add(new Asking(template, template.question(prompt, questions, List.of(picture)), questions.size()));
        }
        var verdicts = panel.ask(askings, bill);
        var values = new double[verdicts.size()];
        for (int i = 0; i < values.length; i++) {
            var flag = verdicts.get(i).flag();
            values[i] = flag.isEmpty() ? verdicts.get(i).value() : Double.NaN;
            if (!flag.isEmpty()) {
                warnings.accept("The judge's answer for picture " + i + " does not count: " + flag + ".");
            }
        }
        return values;
    }

    /** The pictures' bytes without any text in them: a judge sees pixels and nothing else. */
    static List<byte[]> pngs(Images images) {
        var files = new ArrayList<byte[]>();
        for (int i = 0; i < images.size(); i++) {
            files.add(Png.encode(new Picture(images.width(), images.height(), images.rgb8(i)), Map.of()));
        }
        return files;
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
