// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn;

import dev.tiller.tensor.Weights;

/** The shapes that layers have by an architecture, against which a checkpoint's are held before they are read. */
public final class Shapes {
    private Shapes() {}

    /** A convolution of k×k pixels with a bias. */
    public static void convolution(Weights weights, int in, int out, int k) {
        weights.require("weight", out, in, k, k);
        weights.require("bias", out);
    }

    /** A linear map with a bias. */
    public static void linear(Weights weights, int in, int out) {
        matrix(weights, in, out);
        weights.require("bias", out);
    }

    /** A linear map that needs no bias. */
    public static void matrix(Weights weights, int in, int out) {
        weights.require("weight", out, in);
        if (weights.has("bias")) {
            weights.require("bias", out);
        }
    }

    /** A normalisation's scale and shift. */
    public static void norm(Weights weights, int channels) {
        weights.require("weight", channels);
        weights.require("bias", channels);
    }

    /** The two normalised convolutions of a residual block, and the map beside them where its channels change. */
    public static void residual(Weights weights, int in, int out) {
        norm(weights.at("norm1"), in);
        convolution(weights.at("conv1"), in, out, 3);
        norm(weights.at("norm2"), out);
        convolution(weights.at("conv2"), out, out, 3);
        if (in != out) {
            convolution(weights.at("conv_shortcut"), in, out, 1);
        }
    }
}
