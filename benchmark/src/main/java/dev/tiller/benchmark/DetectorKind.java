// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import dev.tiller.potentials.detect.DetrObjects;
import dev.tiller.potentials.detect.ObjectFinder;
import dev.tiller.potentials.detect.ScriptedObjects;
import dev.tiller.potentials.detect.ScriptedObjects.Pixels;
import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The kinds of detectors that learnt from photographs, by their names in {@code --detector}. */
enum DetectorKind {
    /** A DETR in transformers' layout. */
    DETR("DETR") {
        @Override
        List<String> wanted() {
            return List.of("path");
        }

        @Override
        ObjectFinder load(Map<String, String> options, Function<String, Path> models, Device device) {
            return DetrObjects.load(models.apply(options.getOrDefault("path", "")), device);
        }

        @Override
        List<Path> files(Map<String, String> options, Function<String, Path> models) {
            return LearntDetector.modelFiles(models.apply(options.getOrDefault("path", "")));
        }
    },
    /** Anybody's detector as a TorchScript file, with the names of its classes. */
    TORCHSCRIPT("a TorchScript detector") {
        @Override
        List<String> wanted() {
            return List.of("path", "labels");
        }

        @Override
        List<String> possible() {
            return List.of("size", "pixels", "masks");
        }

        @Override
        void check(Map<String, String> options) {
            size(options);
            pixels(options);
            masks(options);
        }

        /** Whether it was said to give them. */
        @Override
        boolean masks(Map<String, String> options) {
            var written = options.getOrDefault("masks", "false");
            if (!written.equals("true") && !written.equals("false")) {
                throw new TillerException(
                        "The detector's masks are true, if it gives them, or false, not " + written + ".");
            }
            return Boolean.parseBoolean(written);
        }

        @Override
        ObjectFinder load(Map<String, String> options, Function<String, Path> models, Device device) {
            var files = files(options, models);
            return ScriptedObjects.load(
                    files.get(0), files.get(1), size(options), pixels(options), masks(options), device);
        }

        @Override
        List<Path> files(Map<String, String> options, Function<String, Path> models) {
            var files = Stream.of("path", "labels")
                    .map(key -> Path.of(options.getOrDefault(key, "")))
                    .toList();
            for (var file : files) {
                if (!Files.isRegularFile(file)) {
                    throw new TillerException("There is no file " + file + " for the detector " + word() + ".");
                }
            }
            return files;
        }

        private static int size(Map<String, String> options) {
            var size = options.getOrDefault("size", "0");
            if (!options.containsKey("size") || size.matches("[1-9]\\d{0,3}")) {
                return Integer.parseInt(size);
            }
            throw new TillerException("The detector's size is in pixels, 1 to 9999, not " + size + ".");
        }

        private static Pixels pixels(Map<String, String> options) {
            var written = options.getOrDefault("pixels", "unit");
            return Stream.of(Pixels.values())
                    .filter(p -> p.name().toLowerCase(Locale.ROOT).equals(written))
                    .findFirst()
                    .orElseThrow(() -> new TillerException(
                            "The detector's pixels are unit, signed or imagenet, not " + written + "."));
        }
    };

    private final String words;

    DetectorKind(String words) {
        this.words = words;
    }

    /** As one writes it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** In a sentence. */
    String words() {
        return words;
    }

    /** Options that it cannot do without. */
    abstract List<String> wanted();

    /** Options that it takes besides. */
    List<String> possible() {
        return List.of();
    }

    /** @throws TillerException if a value is none that an option has */
    void check(Map<String, String> options) {}

    /** Whether it says which pixels are an object's. */
    boolean masks(Map<String, String> options) {
        return false;
    }

    /** @throws TillerException if it will not load */
    abstract ObjectFinder load(Map<String, String> options, Function<String, Path> models, Device device);

    /** What it is made of. */
    abstract List<Path> files(Map<String, String> options, Function<String, Path> models);
}
