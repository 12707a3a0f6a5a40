// SPDX-License-Identifier: Apache-2.0
package dev.tiller.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a run, in order:
 *
 * <pre>
 * RunStarted  ( Intervened* Expanded? Located? StepDone Warned*
 *     (Located? Previewed* Scored (HeldOut | Ascended | Warned | Previewed)* Resampled?)? )*  Intervened* Previewed*  RunEnded
 * </pre>
 *
 * {@code Located} is told once for a step, if at all. A run that fails may end in the middle of a step. Steps count from 0, the
 * first move away from noise. A population is indexed by slot; {@code Expanded}, {@code Resampled} and {@code Intervened} say from
 * which slot each new one descends, so that the chain of them is the lineage. Events are immutable (arrays are not to be written
 * to), hold JDK types only and no clock time: the same run gives the same events. Pictures are named by the SHA-256 of their PNG
 * file. A listener may drop {@code Previewed} only. How events look in a file is said in docs/events.md.
 */
public sealed interface RunEvent {

    /** Always first, once. {@code steps} moves will be made with at first {@code particles} particles. */
    record RunStarted(RunManifest manifest, int steps, int particles) implements RunEvent {}

    /** Before the move of {@code step} the population was copied: new slot i descends from {@code parents[i]}. */
    record Expanded(int step, int[] parents) implements RunEvent {}

    /**
     * Where the particles are that the move of {@code step} has made or makes: a sketch of each one's predicted clean sample.
     *
     * @param sketches for each particle a few numbers, equally many within a run, whose Euclidean distances are about those
     *     of the samples (root mean square over their elements); none for a particle that has not moved. A listener that does
     *     not show them may ignore them
     */
    record Located(int step, double[][] sketches) implements RunEvent {}

    /**
     * The move of {@code step} was made.
     *
     * @param logWeights unnormalised log weight of each particle, before this step's scoring, in nats; 0 for ascents and searches,
     *     which do not weigh
     * @param ess effective sample size of these weights, in [1, particles]; 0 where all weights are zero
     * @param logEvidence estimate of log Z so far; NaN where the method gives none
     * @param cost of the run so far
     */
    record StepDone(int step, double[] logWeights, double ess, double logEvidence, Cost cost) implements RunEvent {}

    /**
     * The predicted clean samples were looked at.
     *
     * @param rewards total reward of each particle; no finite number where it failed (a particle that is weighed then weighs 0)
     * @param parts the rewards that make up the total, by name, each unweighted
     * @param logWeights after the scores were paid in
     * @param ess of these weights, in [1, particles]; 0 where all weights are zero
     */
    record Scored(int step, double[] rewards, Map<String, double[]> parts, double[] logWeights, double ess)
            implements RunEvent {}

    /**
     * Rewards that nobody steers by looked at the same samples: when the steered reward rises while these fall, it is being
     * gamed.
     *
     * @param rewards one for each particle, by the reward's name; NaN where it cannot say
     */
    record HeldOut(int step, Map<String, double[]> rewards) implements RunEvent {}

    /**
     * The gradient at the scored samples was followed.
     *
     * @param gradientNorms the Euclidean norm of each particle's gradient, before clipping; NaN where there was none
     * @param priors what each particle pays for leaving the noise prior, in units of the reward; 0 without a prior
     */
    record Ascended(int step, double[] gradientNorms, double[] priors) implements RunEvent {}

    /** New slot i is a copy of slot {@code ancestors[i]}; its log weight is now {@code logWeights[i]}; {@code essBefore} of the old ones. */
    record Resampled(int step, int[] ancestors, double[] logWeights, double essBefore) implements RunEvent {}

    /**
     * A person decided something before the move of {@code step}: new slot i descends from {@code ancestors[i]}, and its log
     * weight is now {@code logWeights[i]}.
     */
    record Intervened(int step, Decision decision, int[] ancestors, double[] logWeights) implements RunEvent {}

    /**
     * A picture of particle {@code slot} exists: of its predicted clean sample at {@code step}, of the noisy one that this was
     * predicted from, or the final one.
     */
    record Previewed(int step, int slot, String sha256, Stage stage) implements RunEvent {}

    /** Which picture of a particle. */
    enum Stage {
        CLEAN,
        /** A small estimate of how the sample looks with its noise; of a step that has a picture of the clean one, too. */
        NOISY,
        FINAL
    }

    /** Something the user should know; {@code slot} is null where it concerns the whole run. */
    record Warned(int step, @Nullable Integer slot, String message) implements RunEvent {}

    /**
     * Always last, once.
     *
     * @param order the final slots, best first; empty where the run failed
     * @param logEvidence estimate of log Z, NaN where the method gives none
     */
    record RunEnded(Outcome outcome, int[] order, double logEvidence, Cost cost) implements RunEvent {}

    /** How a run ended. */
    sealed interface Outcome {
        record Completed() implements Outcome {}

        /** {@code kind} is the simple name of the error's class. */
        record Failed(String kind, String message) implements Outcome {}

        /** Stopped by the user after {@code step} steps. */
        record Cancelled(int step) implements Outcome {}
    }
}
