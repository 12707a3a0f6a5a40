// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import java.util.Arrays;
import java.util.Map;

/**
 * What is made of a picture's place in the shared space: a reward of one unit vector. Plain arithmetic, so that every
 * head has its derivative beside it and several heads on one tower cost one look at the picture.
 */
interface Head {
    /** @param e a unit vector of P numbers */
    double value(double[] e);

    /** The derivative at e, P numbers; e's length is the tower's business. */
    double[] gradient(double[] e);

    /** What else should be shown of it, under the same names for every e. */
    default Map<String, Double> shown(double[] e) {
        return Map.of();
    }

    /** scale·⟨e, direction⟩ + bias: the logit of CLIP and SigLIP, a cosine, an affine head. */
    static Head affine(double[] direction, double scale, double bias) {
        var gradient = Arrays.stream(direction).map(x -> scale * x).toArray();
        return new Head() {
            @Override
            public double value(double[] e) {
                return scale * dot(e, direction) + bias;
            }

            @Override
            public double[] gradient(double[] e) {
                return gradient.clone();
            }
        };
    }

    /**
     * The probability of the first of two texts, softmax over their logits: CLIP-IQA (Wang et al. 2023, arXiv:2207.12396,
     * eq. 2), and Q-Bench's softmax over two words.
     */
    static Head pair(double[] good, double[] poor, double scale) {
        return new Head() {
            @Override
            public double value(double[] e) {
                return 1 / (1 + Math.exp(-scale * (dot(e, good) - dot(e, poor))));
            }

            @Override
            public double[] gradient(double[] e) {
                double p = value(e);
                var gradient = new double[e.length];
                Arrays.setAll(gradient, i -> p * (1 - p) * scale * (good[i] - poor[i]));
                return gradient;
            }
        };
    }

    /**
     * Goal-baseline regularisation (Rocamonde et al. 2023, arXiv:2310.12921, definition 1): 1 − ½‖α·proj_L(e) + (1 −
     * α)·e − g‖², with L the line through baseline b and goal g. What differs from both alike does not count.
     */
    static Head goal(double[] goal, double[] baseline, double alpha) {
        var line = new double[goal.length];
        Arrays.setAll(line, i -> goal[i] - baseline[i]);
        double square = dot(line, line);
        return new Head() {
            /** (α·P + (1 − α)·I)(e − g), P the projection onto the line's direction. */
            private double[] rest(double[] e) {
                var rest = new double[e.length];
                Arrays.setAll(rest, i -> e[i] - goal[i]);
                return mixed(rest);
            }

            private double[] mixed(double[] x) {
                double along = square == 0 ? 0 : dot(x, line) / square;
                var y = new double[x.length];
                Arrays.setAll(y, i -> alpha * along * line[i] + (1 - alpha) * x[i]);
                return y;
            }

            @Override
            public double value(double[] e) {
                var rest = rest(e);
                return 1 - dot(rest, rest) / 2;
            }

            @Override
            public double[] gradient(double[] e) {
                return Arrays.stream(mixed(rest(e))).map(x -> -x).toArray();
            }
        };
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
