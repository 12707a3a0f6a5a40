// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.scheduler;

import static dev.tiller.samplers.scheduler.Combination.OUTPUT;
import static dev.tiller.samplers.scheduler.Combination.SAMPLE;

import dev.tiller.run.TillerException;
import dev.tiller.weights.ModelConfig;

/** What the network's output stands for, where the sample is x = α x₀ + σ n. */
public enum Prediction {
    /** The noise n. */
    EPSILON,
    /** v = (α n − σ x₀)/√(α² + σ²), Salimans and Ho 2022; there α² + σ² = 1. */
    V_PREDICTION,
    /** x₀ itself. */
    SAMPLE,
    /** The velocity n − x₀ of a flow, with α = 1 − σ. */
    FLOW;

    static Prediction of(ModelConfig config) {
        config.only("prediction_type", "epsilon", "v_prediction", "sample");
        return switch (config.text("prediction_type", "epsilon")) {
            case "v_prediction" -> V_PREDICTION;
            case "sample" -> Prediction.SAMPLE;
            default -> EPSILON;
        };
    }

    /**
     * The estimate of x₀ from the sample and the output.
     *
     * @param alpha α, and
     * @param sigma σ of the sample; not both are 0
     * @throws TillerException where there is none: noise alone does not tell what it hides
     */
    public Combination clean(double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> {
                if (alpha == 0) {
                    throw new TillerException("A network that predicts epsilon cannot start from pure noise "
                            + "(rescale_betas_zero_snr with a first timestep of zero signal).");
                }
                yield Combination.SAMPLE.minus(OUTPUT.times(sigma)).times(1 / alpha);
            }
            case V_PREDICTION -> {
                double squares = alpha * alpha + sigma * sigma;
                yield Combination.SAMPLE.times(alpha / squares).minus(OUTPUT.times(sigma / Math.sqrt(squares)));
            }
            case SAMPLE -> OUTPUT;
            case FLOW -> Combination.SAMPLE.minus(OUTPUT.times(sigma));
        };
    }

    /** The estimate of the noise n from the sample and the output; of a network that gives x₀ there is none where σ is 0. */
    public Combination noise(double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> OUTPUT;
            case V_PREDICTION -> {
                double squares = alpha * alpha + sigma * sigma;
                yield OUTPUT.times(alpha / Math.sqrt(squares)).plus(Combination.SAMPLE.times(sigma / squares));
            }
            case SAMPLE -> Combination.SAMPLE.minus(OUTPUT.times(alpha)).times(1 / sigma);
            case FLOW -> Combination.SAMPLE.plus(OUTPUT.times(1 - sigma));
        };
    }
}
