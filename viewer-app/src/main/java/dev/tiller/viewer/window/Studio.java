// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import dev.tiller.run.Decision;
import dev.tiller.run.RunListener;
import dev.tiller.viewer.Pictures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What the window can ask for. It is implemented where runs are wired; the window knows events and words only. */
public interface Studio {
    /**
     * Something to choose.
     *
     * @param name as on the command line
     * @param words what it does, one plain line
     */
    record Choice(String name, String words) {}

    /**
     * A method to choose.
     *
     * @param defaults the options it has, by their names, and what they are when nobody chooses
     */
    record Method(String name, String words, Map<String, String> defaults) {}

    List<Method> methods();

    List<Choice> models();

    List<Choice> rewards();

    /**
     * Starts a run on a thread of its own and returns at once.
     *
     * @param settings options of {@code tiller run} by their names without dashes, and {@code prompt}
     */
    Job start(Map<String, String> settings, Watcher watcher);

    /** Goes on with a run that was stopped or killed, on a thread of its own; the watcher hears what has happened first. */
    Job resume(Path folder, Watcher watcher);

    /** The plan of a recorded run, as {@link #start} takes it, and a branch of it can change it. */
    Map<String, String> settings(Path folder);

    /**
     * What a run would be.
     *
     * @param possible whether it can be started
     * @param words what it would take, or why it cannot be
     */
    record Outlook(boolean possible, String words) {}

    /** Quick enough to be asked while somebody types. */
    Outlook outlook(Map<String, String> settings);

    /** The parts of a reward with their weights; empty if it cannot be read. */
    Map<String, Double> weights(String reward);

    /** The runs that wait for their turn, as {@link #keepQueue} was last told. */
    List<Map<String, String>> queue();

    /** Keeps the runs that wait, for the next start of the window too. */
    void keepQueue(List<Map<String, String>> waiting);

    /**
     * Learns that somebody likes one picture better than another, on a thread of its own.
     *
     * @param better a PNG file
     * @param worse a PNG file
     * @param told hears, on that thread, what is known now, or why it could not be learnt, in one sentence
     */
    void prefer(byte[] better, byte[] worse, Consumer<String> told);

    /** The reward that steers by what was preferred; empty as long as nothing was. */
    Optional<String> taste();

    /** A run that goes on. */
    interface Job {
        /** Asks it to stop after the step it is making; what there is will be written. */
        void stop();

        /** Returns when it is over and all is written. */
        void join();

        /** Lets it wait after the step it is making, or go on. */
        void pause(boolean wait);

        /**
         * Asks it to carry out a decision between two steps.
         *
         * @param step how many steps were made where it was decided, or -1 for whenever it arrives; a decision that comes too
         *     late is refused
         */
        void decide(int step, Decision decision);
    }

    /** Hears of a run, on the run's thread. */
    interface Watcher extends RunListener {
        /** Everything is loaded; events follow, and their pictures are found there. */
        void began(Path folder, Pictures pictures);

        /** A decision could not be carried out, and why; the run is as it was. */
        void refused(String sentence);

        /** It is over: done or stopped, all written. */
        void ended(boolean completed);

        /** It cannot go on, and why, in one sentence. */
        void failed(String sentence);
    }
}
