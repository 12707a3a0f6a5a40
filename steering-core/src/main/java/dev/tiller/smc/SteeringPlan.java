// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.TillerException;

/**
 * How a population is steered to p(x_0) exp(lambda r(x_0)).
 *
 * @param population the number of particles, step by step
 * @param lambda inverse temperature in nats per unit of reward, at least 0
 * @param tempering how much of lambda counts early
 * @param potential how much of the reward is spent early
 * @param schedule when samples are scored
 * @param resampling when and how particles are resampled
 * @param children with 2 or more, each particle is a family of so many, of which every scoring draws one by weight
 *     within the family, which then branches anew; 1 for none
 * @param answer how the final particles are ordered
 * @param reference2025 whether to do as the authors' implementation does where it differs from the paper
 *     ({@link Reference2025}); to repeat published numbers only
 */
public record SteeringPlan(
        Population population,
        double lambda,
        Tempering tempering,
        Potential potential,
        ScoringSchedule schedule,
        Resampling resampling,
        int children,
        Answer answer,
        boolean reference2025) {

    /** @throws TillerException if a number is out of its range, or parts do not go together */
    public SteeringPlan {
        if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
            throw new TillerException("Lambda must be a finite number from 0 up, but is " + lambda
                    + "; to seek low rewards give the reward a negative weight.");
        }
        if (children < 1) {
            throw new TillerException("A particle has at least 1 child, but not " + children + ".");
        }
        if (children > 1 && schedule.every() < 2 && schedule.start() <= schedule.end()) {
            throw new TillerException("Children need at least two steps from one scoring to the next: their predicted"
                    + " samples differ only after a noisy step; score every 2 steps or less often.");
        }
        if (resampling.isNever() && !population.isConstant()) {
            throw new TillerException("A population that changes its size must be resampled; choose a resampler.");
        }
        if (reference2025) {
            Reference2025.requireKnown(potential, resampling, population, children, tempering);
        }
    }

    /**
     * Feynman-Kac steering: difference potential, systematic resampling when ESS falls below half of the particles,
     * scoring as scheduled.
     */
    public static SteeringPlan fk(int particles, double lambda, ScoringSchedule schedule) {
        return new SteeringPlan(
                Population.of(particles),
                lambda,
                Tempering.NONE,
                Potential.DIFFERENCE,
                schedule,
                Resampling.whenEssBelow(0.5, ResamplingScheme.SYSTEMATIC),
                1,
                Answer.BEST_REWARD,
                false);
    }

    /** Best-of-n: the same engine, with nothing spent early and nothing resampled. */
    public static SteeringPlan bestOf(int n, double lambda) {
        return fk(n, lambda, ScoringSchedule.lastOnly())
                .withPotential(Potential.NONE)
                .withResampling(Resampling.never());
    }

    /**
     * Several children per particle (SVDD, Li et al. 2024; CoDe, Singh et al. 2025): after each scoring one of a family
     * is drawn by weight and branches. The families' own weights are kept, where the papers forget them, so the target
     * stays right. As many network rows as fk with particles x children.
     */
    public static SteeringPlan svdd(int particles, int children, double lambda, ScoringSchedule schedule) {
        return fk(particles, lambda, schedule).withChildren(children).withResampling(Resampling.never());
    }

    /** With so many particles, step by step. */
    public SteeringPlan withPopulation(Population newPopulation) {
        return new SteeringPlan(
                newPopulation, lambda, tempering, potential, schedule, resampling, children, answer, reference2025);
    }

    /** With as much of lambda early. */
    public SteeringPlan withTempering(Tempering newTempering) {
        return new SteeringPlan(
                population, lambda, newTempering, potential, schedule, resampling, children, answer, reference2025);
    }

    /** With as much of the reward spent early. */
    public SteeringPlan withPotential(Potential newPotential) {
        return new SteeringPlan(
                population, lambda, tempering, newPotential, schedule, resampling, children, answer, reference2025);
    }

    /** With another resampling, such as {@code Resampling.always(mine)}. */
    public SteeringPlan withResampling(Resampling newResampling) {
        return new SteeringPlan(
                population, lambda, tempering, potential, schedule, newResampling, children, answer, reference2025);
    }

    /** With families of so many. */
    public SteeringPlan withChildren(int newChildren) {
        return new SteeringPlan(
                population, lambda, tempering, potential, schedule, resampling, newChildren, answer, reference2025);
    }

    /** With the final particles in another order. */
    public SteeringPlan withAnswer(Answer newAnswer) {
        return new SteeringPlan(
                population, lambda, tempering, potential, schedule, resampling, children, newAnswer, reference2025);
    }

    /**
     * This plan, with or without the authors' books.
     *
     * @throws TillerException if their implementation could not run this plan
     */
    public SteeringPlan withReference2025(boolean on) {
        return new SteeringPlan(population, lambda, tempering, potential, schedule, resampling, children, answer, on);
    }

    Bookkeeping bookkeeping() {
        return reference2025 ? Reference2025.of(this) : new SettledBooks(potential, resampling);
    }

    /**
     * Refuses what makes no sense with a kernel.
     *
     * @throws TillerException saying what and what to do
     */
    void check(Kernel<?> kernel) {
        int steps = kernel.steps();
        boolean early = schedule.start() <= schedule.end();
        if (early && schedule.start() >= steps) {
            throw new TillerException("Scoring starts at step " + schedule.start()
                    + " (counting from 0), but the sampler" + " makes only " + steps + " steps; start earlier.");
        }
        boolean copies = children > 1 || !resampling.isNever();
        if (copies && schedule.anyEarly(steps) && !kernel.stochastic()) {
            throw new TillerException("Resampling needs a sampler that adds noise, or copies of a particle stay equal:"
                    + " use DDIM with eta > 0, or an ancestral or SDE sampler.");
        }
        if (!population.isConstant() && population.lastChange() > schedule.lastEarly(steps)) {
            throw new TillerException("The population changes from step " + population.lastChange()
                    + " on, but no step from there to the last but one is scored; change it earlier or score later.");
        }
    }
}
