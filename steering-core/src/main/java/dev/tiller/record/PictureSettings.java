// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings that a PNG file says it was made with, of whatever origin: a {@link Recipe} of ours, or the
 * {@link GenerationParameters} of AUTOMATIC1111's web UI. They are words and nothing else: whoever uses them decides what to
 * believe, and must not open a path because a picture names it.
 *
 * @param settings values of options, by their names on the command line; {@code prompt} among them
 * @param others what else is told there, by the names used there
 */
public record PictureSettings(Map<String, String> settings, Map<String, String> others) {
    /** Larger files are not read. */
    private static final long LARGEST = 64 << 20;

    /** What a person decided while the run went on is none of its settings. */
    private static final String DECISIONS = "decisions by hand";

    /** The web UI's samplers by our names; those with (Karras) noise levels have the name extended. */
    private static final Map<String, String> SAMPLERS = Map.of(
            "ddim", "ddim",
            "euler", "euler",
            "euler karras", "euler-karras",
            "euler a", "euler-a",
            "dpm++ 2m", "dpmpp-2m",
            "dpm++ 2m karras", "dpmpp-2m-karras",
            "dpm++ 2m sde", "dpmpp-2m-sde",
            "dpm++ 2m sde karras", "dpmpp-2m-sde-karras",
            "unipc", "unipc",
            "lcm", "lcm");

    public PictureSettings {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    /**
     * The settings in a file.
     *
     * @throws TillerException if it is no PNG, damaged, too large, or says nothing of how it was made
     */
    public static PictureSettings read(Path png) {
        try {
            if (Files.size(png) > LARGEST) {
                throw new TillerException("The file " + png + " is larger than 64 MiB, which no picture of a run is.");
            }
            return in(Files.readAllBytes(png));
        } catch (CorruptRecordException e) {
            throw new CorruptRecordException(png + ": " + e.getMessage(), 0);
        } catch (IOException e) {
            throw Disk.problem("read the picture", png, e);
        }
    }

    /** The settings in the bytes of a PNG file, as {@link #read}. */
    public static PictureSettings in(byte[] png) {
        var recipe = Recipe.in(png);
        if (recipe.isPresent()) {
            var settings = new LinkedHashMap<String, String>();
            recipe.get().run().plan().forEach((name, value) -> settings.put(name, String.valueOf(value)));
            var others = new LinkedHashMap<String, String>();
            recipe.get().made().forEach(at -> others.merge(DECISIONS, at.text(), (a, b) -> a + ", " + b));
            return new PictureSettings(settings, others);
        }
        var parameters = Png.texts(png).get(GenerationParameters.KEYWORD);
        if (parameters == null) {
            throw new TillerException("The picture does not say how it was made: it has neither Tiller's settings nor"
                    + " the web UI's.");
        }
        return of(GenerationParameters.parse(parameters));
    }

    private static PictureSettings of(GenerationParameters parameters) {
        var settings = new LinkedHashMap<String, String>();
        var others = new LinkedHashMap<>(parameters.settings());
        settings.put("prompt", parameters.prompt());
        if (!parameters.negative().isEmpty()) {
            settings.put("negative", parameters.negative());
        }
        take(others, "Steps", settings, "steps");
        take(others, "CFG scale", settings, "guidance");
        take(others, "Seed", settings, "seed");
        take(others, "Model", settings, "model");
        var size = others.get("Size");
        if (size != null && size.matches("\\d{1,5}x\\d{1,5}")) {
            others.remove("Size");
            settings.put("width", size.substring(0, size.indexOf('x')));
            settings.put("height", size.substring(size.indexOf('x') + 1));
        }
        var scheduler = scheduler(others);
        if (scheduler != null) {
            others.remove("Sampler");
            others.remove("Schedule type");
            settings.put("scheduler", scheduler);
        }
        return new PictureSettings(settings, others);
    }

    private static void take(Map<String, String> from, String name, Map<String, String> to, String as) {
        var value = from.remove(name);
        if (value != null) {
            to.put(as, value);
        }
    }

    /** Newer versions of the web UI name the noise levels in a field of their own. */
    private static @Nullable String scheduler(Map<String, String> settings) {
        var type = settings.getOrDefault("Schedule type", "").toLowerCase(Locale.ROOT);
        var plain = type.isEmpty() || type.equals("automatic") || type.equals("uniform") || type.equals("normal");
        var sampler = settings.getOrDefault("Sampler", "").toLowerCase(Locale.ROOT);
        return SAMPLERS.get(plain ? sampler : sampler + " " + type);
    }
}
