// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.clip;

import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/**
 * Two towers whose outputs meet in one space: pictures and texts as unit vectors, whose cosine says how well they agree.
 * Safe for several threads at once.
 */
public interface PictureTextModel extends AutoCloseable {
    /**
     * Texts as unit vectors.
     *
     * @param ids N×L int64
     * @return N×P
     */
    Tensor texts(Tensor ids);

    /**
     * Pictures as unit vectors.
     *
     * @param pixels N×3×H×W, {@link #imageSize} wide and high, of the mean and variance that the model was trained with
     * @return N×P
     */
    Tensor pictures(Tensor pixels);

    /** exp(logit_scale), by which cosines are multiplied. */
    double scale();

    /** What is added to a scaled cosine: 0 with CLIP. */
    double bias();

    /** Width and height in pixels of the pictures that it reads. */
    int imageSize();

    /** How many numbers the largest array has that is made of one picture on the way: its tokens in a layer's middle. */
    long numbersPerPicture();

    /** The most tokens that a text may have. */
    int length();

    /**
     * Logits of every picture with every text: scale times cosine, plus bias.
     *
     * @param pictures unit vectors, N×P
     * @param texts unit vectors, M×P
     * @return N×M
     */
    default Tensor logits(Tensor pictures, Tensor texts) {
        try (var scope = Scope.open()) {
            return scope.keep(
                    pictures.matmul(texts.permute(1, 0)).times(scale()).plus(bias()));
        }
    }

    @Override
    void close();
}
