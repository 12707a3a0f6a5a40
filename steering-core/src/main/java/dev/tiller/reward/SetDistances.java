// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/** Measures of whole sets of feature vectors, and what each row does for them. Sets are arrays of rows, at least one. */
public final class SetDistances {
    private SetDistances() {}

    /** A measure of a set, larger is better. */
    @FunctionalInterface
    public interface Measure {
        double of(double[][] rows);
    }

    /**
     * Leave-one-out credit: n times what the measure would lose without the row, so that the credits of a measure that is
     * a mean are about its rows' own values (rewards of distributions: DRAGON, Bai et al. 2025, arXiv:2504.15217). One
     * row alone gets the measure itself.
     */
    public static double[] credit(double[][] rows, Measure measure) {
        int n = rows.length;
        double all = measure.of(rows);
        if (n == 1) {
            return new double[] {all};
        }
        return IntStream.range(0, n)
                .mapToDouble(i -> n
                        * (all
                                - measure.of(IntStream.range(0, n)
                                        .filter(j -> j != i)
                                        .mapToObj(j -> rows[j])
                                        .toArray(double[][]::new))))
                .toArray();
    }

    /**
     * The Vendi score (Friedman and Dieng 2023, arXiv:2210.02410, definition 3.1) of unit vectors by their cosines: exp of
     * the entropy of the eigenvalues of K/n. 1 where all are the same, n where all are orthogonal.
     */
    public static double vendi(double[][] rows) {
        double entropy = 0;
        var kernel = new Array2DRowRealMatrix(products(rows, rows, 1.0 / rows.length), false);
        for (double x : new EigenDecomposition(kernel).getRealEigenvalues()) {
            entropy -= x > 1e-12 ? x * Math.log(x) : 0;
        }
        return Math.exp(entropy);
    }

    /**
     * The Fréchet distance of the normal distributions with the sets' means and covariances (over n), |μ − μ'|² + tr(Σ +
     * Σ' − 2(ΣΣ')^½) (Dowson and Landau 1982; FID, Heusel et al. 2017). The last trace is the nuclear norm of X Yᵀ/√(nm),
     * X and Y being the centred rows, so that few rows of many features cost little, singular covariances included.
     */
    public static double frechet(double[][] a, double[][] b) {
        var meanA = mean(a);
        var meanB = mean(b);
        var x = centred(a, meanA);
        var y = centred(b, meanB);
        double apart = 0;
        for (int k = 0; k < meanA.length; k++) {
            apart += (meanA[k] - meanB[k]) * (meanA[k] - meanB[k]);
        }
        var cross = new Array2DRowRealMatrix(products(x, y, 1 / Math.sqrt((double) x.length * y.length)), false);
        double nuclear = Arrays.stream(new SingularValueDecomposition(cross).getSingularValues())
                .sum();
        return Math.max(0, apart + square(x) / x.length + square(y) / y.length - 2 * nuclear);
    }

    /**
     * The squared kernel distance with exp(−|x − y|²/(2h²)), equal rows included: never negative, 0 for equal sets (MMD,
     * Gretton et al. 2012, eq. 5; on CLIP's features Jayasumana et al. 2024, arXiv:2401.09603).
     *
     * @param bandwidth h, positive
     */
    public static double kernel(double[][] a, double[][] b, double bandwidth) {
        double h = 2 * bandwidth * bandwidth;
        return Math.max(0, similarity(a, a, h) + similarity(b, b, h) - 2 * similarity(a, b, h));
    }

    /** The median of the distances between a set's rows, a usual bandwidth (Gretton et al. 2012, §8); 1 if it is 0. */
    public static double medianDistance(double[][] rows) {
        var distances = IntStream.range(0, rows.length)
                .boxed()
                .flatMap(i -> IntStream.range(0, i).mapToObj(j -> squareDistance(rows[i], rows[j])))
                .mapToDouble(Math::sqrt)
                .sorted()
                .toArray();
        double median = distances.length == 0 ? 0 : distances[distances.length / 2];
        return median == 0 ? 1 : median;
    }

    private static double similarity(double[][] a, double[][] b, double h) {
        double sum = 0;
        for (var x : a) {
            for (var y : b) {
                sum += Math.exp(-squareDistance(x, y) / h);
            }
        }
        return sum / a.length / b.length;
    }

    private static double squareDistance(double[] x, double[] y) {
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            sum += (x[k] - y[k]) * (x[k] - y[k]);
        }
        return sum;
    }

    private static double[] mean(double[][] rows) {
        var mean = new double[rows[0].length];
        for (var row : rows) {
            for (int k = 0; k < mean.length; k++) {
                mean[k] += row[k] / rows.length;
            }
        }
        return mean;
    }

    private static double[][] centred(double[][] rows, double[] mean) {
        return Arrays.stream(rows)
                .map(row -> IntStream.range(0, mean.length)
                        .mapToDouble(k -> row[k] - mean[k])
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double square(double[][] rows) {
        return Arrays.stream(rows).mapToDouble(r -> LinearUtility.dot(r, r)).sum();
    }

    private static double[][] products(double[][] a, double[][] b, double factor) {
        return Arrays.stream(a)
                .map(x -> Arrays.stream(b)
                        .mapToDouble(y -> factor * LinearUtility.dot(x, y))
                        .toArray())
                .toArray(double[][]::new);
    }
}
