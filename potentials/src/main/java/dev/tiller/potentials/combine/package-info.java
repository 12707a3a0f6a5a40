// SPDX-License-Identifier: Apache-2.0
/**
 * Rewards made of rewards: standardised, adapted to a target of selection, Pareto-optimal, constrained, shrunk where they
 * are unsure, blended. Each is a reward by name whose options hold the expressions that it is made of.
 */
@NullMarked
package dev.tiller.potentials.combine;

import org.jspecify.annotations.NullMarked;
