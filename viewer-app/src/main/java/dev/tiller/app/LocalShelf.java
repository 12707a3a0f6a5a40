// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.gallery.Gallery;
import dev.tiller.method.RunPlan;
import dev.tiller.run.TillerException;
import dev.tiller.viewer.ShellWord;
import dev.tiller.viewer.window.Shelf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The runs of this machine.
 *
 * @param index where their index is kept
 * @param roots folders that hold runs
 */
record LocalShelf(Path index, List<Path> roots) implements Shelf {
    /** The runs that {@code tiller run} makes here. */
    static LocalShelf here() {
        return new LocalShelf(GalleryCommand.index(System.getenv()), List.of(Path.of("runs")));
    }

    @Override
    public Gallery open(Consumer<String> remarks) {
        return Gallery.open(index, remarks);
    }

    @Override
    public String command(Map<String, Object> plan) {
        return arguments(plan).stream().map(ShellWord::quoted).collect(Collectors.joining(" ", "tiller ", ""));
    }

    @Override
    public String java(Map<String, Object> plan) {
        return JavaProgram.of(essential(RunPlan.ofManifest(plan)));
    }

    /** The arguments of {@code tiller} that give the plan, and no more of them than are needed. */
    static List<String> arguments(Map<String, Object> of) {
        var plan = RunPlan.ofManifest(of);
        var arguments = new ArrayList<>(List.of("run"));
        var prompt = plan.get(RunPlan.PROMPT);
        boolean likeAnOption = prompt.startsWith("-");
        if (!likeAnOption) {
            arguments.add(prompt);
        }
        var options = essential(plan);
        options.remove(RunPlan.PROMPT.name());
        options.forEach((name, value) -> {
            if (value.equals(true)) {
                arguments.add("--" + name);
            } else if (value.toString().startsWith("-")) {
                arguments.add("--" + name + "=" + value);
            } else {
                arguments.addAll(List.of("--" + name, value.toString()));
            }
        });
        if (likeAnOption) {
            arguments.addAll(List.of("--", prompt));
        }
        return arguments;
    }

    /** The options that do not follow from the others, and the prompt. */
    static Map<String, Object> essential(RunPlan plan) {
        var kept = new LinkedHashMap<>(plan.toMap());
        for (var name : plan.toMap().keySet()) {
            var less = new LinkedHashMap<>(kept);
            less.remove(name);
            if (!name.equals(RunPlan.PROMPT.name()) && isSame(less, plan)) {
                kept.remove(name);
            }
        }
        return kept;
    }

    private static boolean isSame(Map<String, Object> options, RunPlan plan) {
        try {
            return RunPlan.of(options).equals(plan);
        } catch (TillerException e) {
            // Without its method, an option may be nobody's.
            return false;
        }
    }
}
