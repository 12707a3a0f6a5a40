// SPDX-License-Identifier: Apache-2.0
package dev.tiller.guide;

import dev.tiller.gradient.Vectors;
import dev.tiller.run.Cost;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Kernel;
import dev.tiller.smc.Key;
import dev.tiller.smc.Move;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sampler under guidance. As a <em>sampler</em> it is a model of its own: what it samples is what guidance makes, and
 * resampling steers that further. As a <em>proposal</em> it only looks where the reward is: every move carries
 *
 * <pre>
 * log M/M~ = −(‖d‖²/2 + s ⟨d, z⟩)/s²        d = guided mean − mean, s the noise's standard deviation, z the noise drawn
 * </pre>
 *
 * and particles are weighted for the unguided model; what its solver remembers of a step is therefore the unguided estimate, or
 * no density could make up for the moves that follow from another. Where s = 0 there is nothing to weigh with, so a proposal is unguided there.
 * A particle whose push is not a finite number goes on unguided and is given up: its weight becomes zero.
 *
 * @param <X> the particles
 */
public final class GuidedKernel<X extends Vectors<X>> implements Kernel<X> {
    private final GuidableKernel<X> kernel;
    private final Guide<X> guide;
    private final boolean proposal;

    private GuidedKernel(GuidableKernel<X> kernel, Guide<X> guide, boolean proposal) {
        this.kernel = kernel;
        this.guide = guide;
        this.proposal = proposal;
    }

    /** The guided sampler, taken as the model. */
    public static <X extends Vectors<X>> GuidedKernel<X> sampler(GuidableKernel<X> kernel, Guide<X> guide) {
        return new GuidedKernel<>(kernel, guide, false);
    }

    /**
     * The guided sampler as a proposal for the unguided one (TDS, DAS).
     *
     * @throws TillerException if no move draws noise, or a guided one is made more than once: such moves have no density
     */
    public static <X extends Vectors<X>> GuidedKernel<X> proposal(GuidableKernel<X> kernel, Guide<X> guide) {
        var stages = kernel.stages();
        if (stages.stream().noneMatch(stage -> stage.std() > 0)) {
            throw new TillerException(
                    "Guided moves are weighed by the noise they draw, and this sampler draws none: use"
                            + " DDIM with eta > 0, or an ancestral or SDE sampler, and at least 2 steps (the last draws none).");
        }
        for (int step = 0; step < stages.size(); step++) {
            if (guide.rounds(step, stages) > 1) {
                throw new TillerException(
                        "Guidance with recurrence has no exact weights, so particles cannot be weighed"
                                + " under it; set recurrence to 1.");
            }
        }
        return new GuidedKernel<>(kernel, guide, true);
    }

    @Override
    public int steps() {
        return kernel.steps();
    }

    @Override
    public boolean stochastic() {
        return kernel.stochastic();
    }

    @Override
    public X start(int n, Key key) {
        return kernel.start(n, key);
    }

    @Override
    public Move<X> move(int step, X x, Key key) {
        var stage = kernel.stages().get(step);
        int rounds = proposal && stage.std() == 0 ? 0 : guide.rounds(step, kernel.stages());
        if (rounds == 0) {
            return kernel.move(step, x, key);
        }
        var move = guided(step, stage, x, key, key.at(-1));
        for (int round = 1; round < rounds; round++) {
            // Tags below zero: those from zero are slots.
            move = again(step, stage, x, move, key.at(-1 - round));
        }
        return move;
    }

    /** The move once more, from what its result is when it is noised; the estimate of x₀ remains that of x_t. */
    private Move<X> again(int step, Stage stage, X x, Move<X> before, Key key) {
        try (X done = before.next();
                X from = kernel.renoise(step, x, done, key.at(-2));
                var move = guided(step, stage, from, key, key.at(-1))) {
            var correction = move.logCorrection();
            Arrays.setAll(correction, i -> Math.min(correction[i], before.logCorrection()[i]));
            return new Move<>(move.next().copy(), before.clean(), correction);
        }
    }

    private Move<X> guided(int step, Stage stage, X x, Key key, Key guideKey) {
        try (var look = kernel.look(step, x, guide.pulls());
                var push = guide.push(kernel, step, x, look, guideKey)) {
            var kept = new boolean[x.size()];
            Arrays.fill(kept, true);
            keepFinite(push.clean(), kept);
            keepFinite(push.next(), kept);
            try (X mean = mean(look, push, kept)) {
                return draw(stage, look, mean, kept, key);
            }
        }
    }

    private static <X extends Vectors<X>> void keepFinite(@Nullable X push, boolean[] kept) {
        if (push != null) {
            if (push.size() != kept.length) {
                throw new IllegalStateException(
                        "the guide pushes " + push.size() + " rows where there are " + kept.length + " particles");
            }
            var finite = Rows.finite(push);
            for (int i = 0; i < kept.length; i++) {
                kept[i] &= finite[i];
            }
        }
    }

    /** The guided mean; that of the sampler for rows that are not kept. */
    private X mean(Look<X> look, Guide.Push<X> push, boolean[] kept) {
        X shift = push.clean() == null ? null : Rows.only(push.clean().copy(), kept);
        X mean;
        if (shift == null) {
            mean = look.mean().copy();
        } else {
            try (shift;
                    X clean = look.clean().plus(shift)) {
                mean = proposal ? remembering(look.mean(), look.mean(clean)) : look.mean(clean);
            }
        }
        X next = push.next() == null ? null : Rows.only(push.next().copy(), kept);
        if (next == null) {
            return mean;
        }
        try (mean;
                next) {
            return mean.plus(next);
        }
    }

    /** {@code mean} with the past that another remembers; closes it, and not the other. */
    private static <X extends Vectors<X>> X remembering(X past, X mean) {
        try (mean;
                X nothing = past.times(0)) {
            return nothing.plus(mean);
        }
    }

    private Move<X> draw(Stage stage, Look<X> look, X mean, boolean[] kept, Key key) {
        double s = stage.std();
        var correction = new double[kept.length];
        X next;
        if (s == 0) {
            next = mean.copy();
        } else {
            try (X noise = kernel.noise(kept.length, key);
                    X scaled = noise.times(s)) {
                next = mean.plus(scaled);
                if (proposal) {
                    try (X away = mean.minus(look.mean())) {
                        var length = away.dotRows(away);
                        var along = away.dotRows(scaled);
                        Arrays.setAll(correction, i -> -(length[i] / 2 + along[i]) / (s * s));
                    }
                }
            }
        }
        for (int i = 0; i < kept.length; i++) {
            correction[i] = kept[i] ? correction[i] : Double.NEGATIVE_INFINITY;
        }
        return new Move<>(next, look.clean().copy(), correction);
    }

    @Override
    public Cost cost() {
        return kernel.cost().plus(guide.cost());
    }

    /** The sampler that is guided. */
    public GuidableKernel<X> kernel() {
        return kernel;
    }

    /** The moves as scalars. */
    public List<Stage> stages() {
        return kernel.stages();
    }
}
