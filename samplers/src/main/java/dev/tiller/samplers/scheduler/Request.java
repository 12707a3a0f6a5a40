// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import java.util.OptionalDouble;

/**
 * How many steps, and what else a solver may be told about them.
 *
 * @param steps the number of steps, at least 1
 * @param eta η of DDIM and of flows, the share of fresh noise: 0 deterministic, 1 as much as DDPM; absent means 0
 * @param timesteps the training timesteps to visit, for DDPM; empty for the solver's own
 * @param sigmas the noise levels to visit, before they are shifted, for flows; empty for the solver's own
 * @param mu the shift of a flow with dynamic shifting
 */
public record Request(int steps, OptionalDouble eta, double[] timesteps, double[] sigmas, OptionalDouble mu) {
    /** The solver's own choice of n steps. */
    public static Request steps(int n) {
        return new Request(n, OptionalDouble.empty(), new double[0], new double[0], OptionalDouble.empty());
    }

    /** Steps at the given training timesteps, which fall. */
    public static Request at(double... timesteps) {
        return new Request(timesteps.length, OptionalDouble.empty(), timesteps, new double[0], OptionalDouble.empty());
    }

    /** Steps from the given noise levels of a flow, which fall from 1 and do not include the last, 0. */
    public static Request from(double... sigmas) {
        return new Request(sigmas.length, OptionalDouble.empty(), new double[0], sigmas, OptionalDouble.empty());
    }

    /** With a share of fresh noise, from 0. */
    public Request eta(double value) {
        return new Request(steps, OptionalDouble.of(value), timesteps, sigmas, mu);
    }

    /** With the shift of a flow that shifts dynamically. */
    public Request mu(double value) {
        return new Request(steps, eta, timesteps, sigmas, OptionalDouble.of(value));
    }
}
