// SPDX-License-Identifier: Apache-2.0
/**
 * Guidance of a sampler by gradients of a reward, known to the JDK only. A {@link dev.tiller.guide.Guide} says how far to
 * push; a {@link dev.tiller.guide.GuidedKernel} is the sampler under that push, and runs wherever a kernel does.
 *
 * <table>
 * <caption>Methods as compositions</caption>
 * <tr><th>method</th><th>kernel</th><th>guide</th><th>plan</th></tr>
 * <tr><td>DPS, FreeDoM, Universal Guidance, TFG</td><td>{@code GuidedKernel.sampler}</td>
 *     <td>{@code RewardGuidance} with {@code GuidanceSettings.DPS}, {@code .FREEDOM}, {@code .UNIVERSAL}, {@code .TFG}</td>
 *     <td>{@code SteeringPlan.bestOf(n, lambda)}: nothing is resampled</td></tr>
 * <tr><td>TDS</td><td>{@code GuidedKernel.proposal}, η &gt; 0</td>
 *     <td>{@code RewardGuidance} with {@code TDS.withStrength(lambda)}</td>
 *     <td>{@code fk(n, lambda, ScoringSchedule.from(0, 1))}</td></tr>
 * <tr><td>DAS</td><td>{@code GuidedKernel.proposal}, η &gt; 0</td>
 *     <td>{@code DAS.withStrength(lambda).withStrengthSchedule(Schedule.of(tempering))}</td>
 *     <td>as TDS, {@code .withTempering(tempering)}, {@code Tempering.growing(gamma)}, resampling SSP</td></tr>
 * <tr><td>Flow-NRG</td><td>{@code GuidedKernel.sampler}</td>
 *     <td>{@code FlowGuidance} of {@code NoiseAwareReward}s; {@code NoiseAwareReward.atPredictedClean} is the fallback</td>
 *     <td>{@code bestOf(n, lambda)}</td></tr>
 * <tr><td>Flow-NRG and resampling</td><td>{@code GuidedKernel.sampler} or {@code .proposal} of a flow with noise (η &gt; 0)</td>
 *     <td>the same</td><td>{@code fk(n, lambda, schedule)}</td></tr>
 * </table>
 *
 * <p>Under {@code sampler} the target of a plan is p_guided(x) exp(lambda r(x)); under {@code proposal} it is
 * p(x) exp(lambda r(x)), exactly.
 */
@NullMarked
package dev.tiller.guide;

import org.jspecify.annotations.NullMarked;
