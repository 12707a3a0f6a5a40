// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.method.Prepared;
import dev.tiller.method.RunPlan;
import dev.tiller.record.ContactSheet;
import dev.tiller.record.GenerationParameters;
import dev.tiller.record.Picture;
import dev.tiller.record.Png;
import dev.tiller.record.Recipe;
import dev.tiller.run.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A complete run's pictures as files, best first, each with its recipe inside, and a contact sheet. */
final class FinalPictures {
    private final Prepared on;
    private final RecordedRun run;

    FinalPictures(Prepared on, RecordedRun run) {
        this.on = on;
        this.run = run;
    }

    /** The files, best first. */
    List<Path> write() {
        var files = new ArrayList<Path>();
        var cells = new ArrayList<ContactSheet.Entry>();
        var order = run.history().order();
        for (int rank = 1; rank <= order.size(); rank++) {
            int slot = order.get(rank - 1);
            var picture = run.picture(slot);
            double reward = run.history().reward(slot);
            var recipe = Recipe.of(
                            on.manifest(), slot, rank, reward, run.history().parts(slot))
                    .decided(run.history().interventions().all());
            files.add(run.folder()
                    .write(String.format(Locale.ROOT, "%04d.png", rank), Png.encode(picture, texts(recipe, picture))));
            cells.add(new ContactSheet.Entry(picture, String.format(Locale.ROOT, "%d: %.3f", rank, reward)));
        }
        var sheet = ContactSheet.draw(cells, Math.min(8, (int) Math.ceil(Math.sqrt(cells.size() * 2.0))));
        run.folder().write("contact-sheet.png", Png.encode(sheet, Map.of()));
        return files;
    }

    private Map<String, String> texts(Recipe recipe, Picture picture) {
        var plan = on.plan();
        var settings = new LinkedHashMap<String, String>();
        settings.put("Steps", Integer.toString(plan.get(RunPlan.STEPS)));
        settings.put("Sampler", on.sampler().scheduler().name());
        settings.put("CFG scale", Double.toString(plan.get(RunPlan.GUIDANCE)));
        settings.put("Seed", Long.toString(plan.find(RunPlan.TORCH_SEED).orElse(plan.get(RunPlan.SEED))));
        settings.put("Size", picture.width() + "x" + picture.height());
        settings.put("Model hash", unetHash());
        settings.put("Model", plan.get(RunPlan.MODEL));
        settings.put("Version", "Tiller " + Version.TILLER);
        if (run.history().interventions().byHand()) {
            settings.put("Steered by hand", "yes");
        }
        var texts = new LinkedHashMap<String, String>();
        texts.put(
                GenerationParameters.KEYWORD,
                new GenerationParameters(plan.get(RunPlan.PROMPT), plan.get(RunPlan.NEGATIVE), settings).toText());
        texts.put(Recipe.KEYWORD, recipe.toJson());
        return texts;
    }

    private String unetHash() {
        return on.manifest().weights().stream()
                .filter(w -> w.name().contains("/unet/") && w.name().endsWith(".safetensors"))
                .map(w -> w.sha256().substring(0, 10))
                .findFirst()
                .orElse("unknown");
    }
}
