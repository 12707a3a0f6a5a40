// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.noisy;

/**
 * The time of a noise level in Stable Diffusion's training: 1000 times, √β linear from √0.00085 to √0.012 (Rombach et al.
 * 2022, appendix D), between two of which log(α/σ) is interpolated.
 */
final class TrainingTime {
    private static final int TIMES = 1000;
    private static final double[] LOG_RATIO = new double[TIMES];

    static {
        double from = Math.sqrt(0.00085);
        double to = Math.sqrt(0.012);
        double kept = 1;
        for (int t = 0; t < TIMES; t++) {
            double root = from + (to - from) * t / (TIMES - 1);
            kept *= 1 - root * root;
            LOG_RATIO[t] = 0.5 * Math.log(kept / (1 - kept));
        }
    }

    private TrainingTime() {}

    /** In [0, 999]: the first for data with less noise, the last for more noise than there was in training. */
    static double of(double alpha, double sigma) {
        double ratio = Math.log(alpha) - Math.log(sigma);
        if (ratio >= LOG_RATIO[0]) {
            return 0;
        }
        for (int t = 1; t < TIMES; t++) {
            if (ratio >= LOG_RATIO[t]) {
                return t - (ratio - LOG_RATIO[t]) / (LOG_RATIO[t - 1] - LOG_RATIO[t]);
            }
        }
        return TIMES - 1;
    }
}
