// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;
import java.util.Arrays;

/** Which training timesteps a plan visits: Lin et al. 2024, table 2. Every grid falls. */
final class Grid {
    private Grid() {}

    /** n numbers from first to last, both included; first alone if n = 1. */
    static double[] linspace(double first, double last, int n) {
        var grid = new double[n];
        Arrays.setAll(grid, i -> i == n - 1 && n > 1 ? last : first + i * ((last - first) / Math.max(1, n - 1)));
        return grid;
    }

    /** Whole timesteps by {@code timestep_spacing} and {@code steps_offset}, n of them. */
    static double[] whole(ModelConfig config, String spacing, int training, int n) {
        var grid = of(config, spacing, training, n, n);
        return Arrays.stream(grid).map(Math::rint).toArray();
    }

    /** The same for solvers that divide the range into n + 1 and leave the lowest out. */
    static double[] wholeAboveLowest(ModelConfig config, String spacing, int training, int n) {
        var grid = of(config, spacing, training, n, n + 1);
        return Arrays.stream(grid).map(Math::rint).limit(n).toArray();
    }

    /**
     * Timesteps, not rounded where linspace does not ask for it.
     *
     * @param n the number of steps
     * @param points into how many points leading and linspace divide the range; trailing always into n
     */
    static double[] of(ModelConfig config, String spacing, int training, int n, int points) {
        int offset = config.integer("steps_offset", 0);
        config.only("timestep_spacing", "leading", "linspace", "trailing");
        var kind = config.text("timestep_spacing", spacing);
        int most = kind.equals("trailing") ? training : training - points + n;
        if (n < 1 || n > most) {
            throw new TillerException("The number of steps must be from 1 to " + most + ", and not " + n + ".");
        }
        var grid = switch (kind) {
            case "linspace" -> linspace(0, training - 1.0, points);
            case "leading" -> leading(training / points, points, offset);
            default -> trailing(training, n);
        };
        return checked(reversed(grid), training);
    }

    private static double[] leading(int ratio, int points, int offset) {
        var grid = new double[points];
        Arrays.setAll(grid, i -> (double) i * ratio + offset);
        return grid;
    }

    private static double[] trailing(int training, int n) {
        double ratio = (double) training / n;
        var grid = new double[n];
        Arrays.setAll(grid, i -> Math.rint(training - (n - 1 - i) * ratio) - 1);
        return grid;
    }

    static double[] reversed(double[] grid) {
        var reversed = new double[grid.length];
        Arrays.setAll(reversed, i -> grid[grid.length - 1 - i]);
        return reversed;
    }

    /** Timesteps that the caller gives: whole, falling, within the range. */
    static double[] given(double[] timesteps, int training) {
        for (int i = 0; i < timesteps.length; i++) {
            if (timesteps[i] != Math.rint(timesteps[i]) || (i > 0 && timesteps[i] >= timesteps[i - 1])) {
                throw new TillerException("Given timesteps must be whole and fall.");
            }
        }
        return checked(timesteps.clone(), training);
    }

    private static double[] checked(double[] grid, int training) {
        if (grid.length == 0 || grid[0] >= training || grid[grid.length - 1] < 0) {
            throw new TillerException("The timesteps leave the training range of " + training
                    + " steps; ask for fewer steps, or mend steps_offset.");
        }
        return grid;
    }

    /** Karras et al. 2022, equation 5, with ρ = 7: n levels from the largest to the smallest. */
    static double[] karras(double largest, double smallest, int n) {
        double rho = 7;
        return Arrays.stream(linspace(Math.pow(largest, 1 / rho), Math.pow(smallest, 1 / rho), n))
                .map(root -> Math.pow(root, rho))
                .toArray();
    }
}
