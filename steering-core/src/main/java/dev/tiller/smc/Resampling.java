// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;
import java.util.Optional;

/** When to resample, and with what. It is asked after each scoring but the last. */
@FunctionalInterface
public interface Resampling {
    /**
     * Resamples, or lets things be.
     *
     * @param w the weights, not all zero
     * @param children the size of the population that is wanted
     * @param key the one source of randomness
     * @return empty to go on with the particles and their weights as they are, possible only where {@code children} is
     *     {@code w.size()}
     */
    Optional<Ancestry> resample(LogWeights w, int children, Key key);

    /** Whether particles are never copied, so that the population keeps its size and any kernel will do. */
    default boolean isNever() {
        return false;
    }

    /** Particles keep their weights to the end. */
    static Resampling never() {
        return new Never();
    }

    /** After every scoring. */
    static Resampling always(Resampler resampler) {
        return new Always(resampler);
    }

    /**
     * When the effective sample size is below a fraction of the population, or its size has to change.
     *
     * @param fraction in [0, 1]
     * @throws TillerException if it is not
     */
    static Resampling whenEssBelow(double fraction, Resampler resampler) {
        return new WhenEssBelow(fraction, resampler);
    }

    private static Ancestry draw(Resampler resampler, LogWeights w, int children, Key key) {
        var ancestry = resampler.resample(w, children, key);
        if (ancestry.ancestors().length != children) {
            throw new IllegalStateException("the resampler gave " + ancestry.ancestors().length + " children where "
                    + children + " were wanted");
        }
        for (int ancestor : ancestry.ancestors()) {
            if (ancestor < 0 || ancestor >= w.size()) {
                throw new IllegalStateException(
                        "the resampler named the ancestor " + ancestor + " among " + w.size() + " particles");
            }
        }
        return ancestry;
    }

    /** See {@link #never()}. */
    record Never() implements Resampling {
        @Override
        public Optional<Ancestry> resample(LogWeights w, int children, Key key) {
            return Optional.empty();
        }

        @Override
        public boolean isNever() {
            return true;
        }
    }

    /** See {@link #always(Resampler)}. */
    record Always(Resampler resampler) implements Resampling {
        @Override
        public Optional<Ancestry> resample(LogWeights w, int children, Key key) {
            return Optional.of(draw(resampler, w, children, key));
        }
    }

    /** See {@link #whenEssBelow(double, Resampler)}. */
    record WhenEssBelow(double fraction, Resampler resampler) implements Resampling {
        public WhenEssBelow {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new TillerException(
                        "The ESS threshold is a fraction of the particles, from 0 to 1, but is " + fraction + ".");
            }
        }

        @Override
        public Optional<Ancestry> resample(LogWeights w, int children, Key key) {
            return children == w.size() && w.ess() >= fraction * w.size()
                    ? Optional.empty()
                    : Optional.of(draw(resampler, w, children, key));
        }
    }
}
