// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import dev.tiller.smc.Batch;

/** N RGB pictures of one size: a float32 tensor N×3×H×W with values in [0, 1]. Closing it closes the tensor. */
public record Images(Tensor tensor) implements Batch<Images> {
    /** @throws IllegalArgumentException if the tensor is not N×3×H×W float32 */
    public Images {
        if (tensor.rank() != 4 || tensor.dim(1) != 3 || tensor.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException("images are N×3×H×W float32, not " + tensor);
        }
    }

    /**
     * Pictures from bytes.
     *
     * @param rgb8 for each picture H·W·3 bytes, row by row, red first
     * @throws IllegalArgumentException if one has another number of bytes
     */
    public static Images of(byte[][] rgb8, int width, int height) {
        int n = rgb8.length;
        int plane = width * height;
        float[] values = new float[n * 3 * plane];
        for (int i = 0; i < n; i++) {
            if (rgb8[i].length != 3 * plane) {
                throw new IllegalArgumentException(rgb8[i].length + " bytes for " + width + "×" + height + " pixels");
            }
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < 3; c++) {
                    values[(i * 3 + c) * plane + p] = (rgb8[i][p * 3 + c] & 0xff) / 255f;
                }
            }
        }
        return new Images(Tensor.of(values, n, 3, height, width));
    }

    /** In pixels. */
    public int width() {
        return tensor.dim(3);
    }

    /** In pixels. */
    public int height() {
        return tensor.dim(2);
    }

    @Override
    public int size() {
        return tensor.size();
    }

    @Override
    public Images gather(int[] rows) {
        return new Images(tensor.gather(rows));
    }

    /**
     * One picture as H·W·3 bytes, row by row, red first. Values are clamped to [0, 1], multiplied by 255 and rounded;
     * halves go to the even neighbour, as numpy's {@code round} does in diffusers' {@code numpy_to_pil}.
     */
    public byte[] rgb8(int row) {
        try (Tensor one = tensor.rows(row, row + 1);
                Tensor rgb = Kernels.rgb8(one)) {
            return rgb.toBytes();
        }
    }

    @Override
    public void close() {
        tensor.close();
    }
}
