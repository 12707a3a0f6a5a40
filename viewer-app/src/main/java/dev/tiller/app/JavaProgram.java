// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A run as a program: what to type to make it through the API. */
final class JavaProgram {
    /** The name of its class. */
    static final String NAME = "MakeRun";

    private static final String TEXT = """
        import dev.tiller.method.Audience;
        import dev.tiller.method.LoadedModel;
        import dev.tiller.method.RunPlan;
        import dev.tiller.record.Picture;
        import dev.tiller.record.Png;
        import dev.tiller.record.RunFolder;
        import dev.tiller.reward.RewardCatalogue;
        import dev.tiller.run.RunEvent.Stage;
        import dev.tiller.tensor.Images;
        import dev.tiller.weights.ModelLocator;
        import java.nio.file.Path;
        import java.util.List;
        import java.util.Map;

        public class %s {
            public static void main(String[] args) {
                var plan = RunPlan.of(Map.ofEntries(
        %s));
                var folder = RunFolder.create(Path.of(args.length > 0 ? args[0] : "runs/from-java"));
                var models = ModelLocator.ofEnvironment(System.getenv());
                try (var model = LoadedModel.load(plan, models, RewardCatalogue.load(Images.class));
                        var prepared = model.prepare(plan);
                        var run = prepared.start(new Audience(prepared.manifest(), (stage, step, slot, picture) -> {
                            if (stage == Stage.FINAL) {
                                var shown = new Picture(picture.width(), picture.height(), picture.rgb8());
                                folder.write("particle-" + slot + ".png", Png.encode(shown, Map.of()));
                            }
                        }, List.of()))) {
                    while (run.hasNext()) {
                        run.next();
                    }
                    System.out.println("The best particle is " + run.order()[0] + ", in " + folder.path());
                }
            }
        }
        """;

    private JavaProgram() {}

    /** @param options of the plan, by name */
    static String of(Map<String, Object> options) {
        return TEXT.formatted(
                NAME,
                options.entrySet().stream()
                        .map(e -> "                Map.entry(" + literal(e.getKey()) + ", "
                                + literal(e.getValue().toString()) + ")")
                        .collect(Collectors.joining(",\n")));
    }

    /** A string literal in ASCII, whatever the text. */
    static String literal(String text) {
        var literal = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> literal.append('\\').append(c);
                case '\n' -> literal.append("\\n");
                case '\r' -> literal.append("\\r");
                default ->
                    literal.append(
                            c >= ' ' && c < 0x7F
                                    ? Character.toString(c)
                                    : String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return literal.append('"').toString();
    }
}
