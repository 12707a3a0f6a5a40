// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.run.TillerException;
import dev.tiller.weights.WeightFiles;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * Linear layers one after the other without activations between them, such as LAION's aesthetic heads and ImageReward's
 * (whose dropout is off when they judge): one affine map of P numbers to one, w·x + b, worked out in float64.
 */
public record AffineChain(double[] weight, double bias) {
    private static final Pattern NUMBER = Pattern.compile("(\\d+)\\.weight$");

    /**
     * Reads every {@code …weight} under a prefix, in the order of the numbers in their names, with their biases.
     *
     * @param prefix of the keys, such as {@code mlp.}; empty for all
     * @throws TillerException if they are no chain that ends in one number
     */
    public static AffineChain read(WeightFiles files, String prefix) {
        var names = files.names().stream()
                .filter(name -> name.startsWith(prefix) && name.endsWith("weight"))
                .sorted(Comparator.comparingInt(AffineChain::number))
                .toList();
        // From the last layer back: w and b of all that follows.
        double[] w = {1};
        double b = 0;
        for (int i = names.size() - 1; i >= 0; i--) {
            var place = files.place(names.get(i));
            long[] shape = place.entry().shape();
            if (shape.length != 2 || shape[0] != w.length) {
                throw new TillerException("The head in " + files.files().get(0) + " is no chain of linear layers that"
                        + " ends in one number: " + names.get(i) + " is " + Arrays.toString(shape) + ".");
            }
            var matrix = place.file().doubles(names.get(i));
            var biasName = names.get(i).substring(0, names.get(i).length() - "weight".length()) + "bias";
            if (files.names().contains(biasName)) {
                b += Head.dot(w, files.place(biasName).file().doubles(biasName));
            }
            w = product(w, matrix, (int) shape[1]);
        }
        if (names.isEmpty()) {
            throw new TillerException(
                    "There are no linear layers in " + files.files().get(0) + ".");
        }
        return new AffineChain(w, b);
    }

    private static int number(String name) {
        var matcher = NUMBER.matcher(name);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static double[] product(double[] row, double[] matrix, int columns) {
        var product = new double[columns];
        for (int i = 0; i < row.length; i++) {
            for (int j = 0; j < columns; j++) {
                product[j] += row[i] * matrix[i * columns + j];
            }
        }
        return product;
    }

    /** w·x + b. */
    public double apply(double[] x) {
        return Head.dot(weight, x) + bias;
    }
}
