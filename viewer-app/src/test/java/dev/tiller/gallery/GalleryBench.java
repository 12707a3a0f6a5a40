// SPDX-License-Identifier: Apache-2.0
package dev.tiller.gallery;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long the gallery takes with many runs: {@code GalleryBench FOLDER [RUNS]}. The runs are made once; each round opens the
 * index anew and answers what the window asks first, then searches.
 */
public final class GalleryBench {
    private static final int ROUNDS = 15;
    private static final String[] COLOURS = {"red", "blue", "green", "yellow", "purple"};
    private static final String[] SHAPES = {"heart", "moon", "star", "circle", "square", "triangle", "ring"};

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private GalleryBench() {}

    public static void main(String[] args) throws IOException {
        var runs = Path.of(args[0], "runs");
        int count = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        var index = Path.of(args[0], "gallery.db");
        make(runs, count);
        Files.deleteIfExists(index);
        var roots = List.of(runs);
        try (var gallery = open(index)) {
            long begin = System.nanoTime();
            var scan = gallery.scan(roots, () -> {}, () -> false);
            say("first scan, all " + scan.read() + " runs read", millis(begin));
        }
        var opened = new double[ROUNDS];
        var processorOpened = new double[ROUNDS];
        var open = new double[ROUNDS];
        var processor = new double[ROUNDS];
        var one = new double[ROUNDS];
        var several = new double[ROUNDS];
        var nothing = new double[ROUNDS];
        var scans = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            long work = THREADS.getCurrentThreadCpuTime();
            try (var gallery = open(index)) {
                require(
                        Math.min(count, 200),
                        gallery.find(Query.all(roots), 200).size());
                opened[round] = millis(begin);
                processorOpened[round] = (THREADS.getCurrentThreadCpuTime() - work) / 1e6;
                require(count, gallery.find(Query.all(roots)).size());
                open[round] = millis(begin);
                processor[round] = (THREADS.getCurrentThreadCpuTime() - work) / 1e6;
                one[round] = search(gallery, roots, "disc-" + (count - 1 - round), 1);
                several[round] = search(gallery, roots, "red HEART", -1);
                nothing[round] = search(gallery, roots, "no such words", 0);
                begin = System.nanoTime();
                require(0, gallery.scan(roots, () -> {}, () -> false).read());
                scans[round] = millis(begin);
            }
        }
        say("open, and list the latest 200, which the window shows first", opened);
        say("the same, processor time", processorOpened);
        say("open, and list all", open);
        say("the same, processor time", processor);
        say("search: one run", one);
        say("search: one in 35", several);
        say("search: none", nothing);
        say("look at the folders again, nothing new (in the background)", scans);
    }

    private static Gallery open(Path index) {
        return Gallery.open(index, remark -> {
            throw new IllegalStateException(remark);
        });
    }

    private static void make(Path runs, int count) throws IOException {
        Files.createDirectories(runs);
        for (int i = 0; i < count; i++) {
            var folder = runs.resolve("run-" + i);
            if (!Files.exists(folder.resolve("manifest.json"))) {
                var prompt = "a photo of a " + COLOURS[i % COLOURS.length] + " " + SHAPES[i / 5 % SHAPES.length]
                        + ", disc-" + i;
                MadeRuns.completed(folder, MadeRuns.manifest(prompt, i % 2 == 0 ? "fk" : "reno", i), i % 97);
            }
        }
    }

    private static double search(Gallery gallery, List<Path> roots, String words, int expected) {
        long begin = System.nanoTime();
        int found = gallery.find(Query.of(roots, words, false)).size();
        double millis = millis(begin);
        if (expected >= 0) {
            require(expected, found);
        }
        return millis;
    }

    private static void require(int expected, int found) {
        if (expected != found) {
            throw new IllegalStateException(found + " instead of " + expected);
        }
    }

    private static double millis(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void say(String what, double... millis) {
        Arrays.sort(millis);
        System.out.println(String.format(
                Locale.ROOT,
                "%-62s %8.1f ms  [%.1f to %.1f]",
                what,
                millis[millis.length / 2],
                millis[0],
                millis[millis.length - 1]));
    }
}
