// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

/** Selection within families of equal size, each of neighbouring particles. */
final class Families {
    private Families() {}

    /**
     * Draws one particle of each family by weight; it takes the mean weight of its family, which keeps the weighted
     * population right: E[w'_f g(x_f)] = (1/m) sum over the family of w_j g(x_j).
     */
    static Ancestry chooseOne(LogWeights w, int family, Key key) {
        var chosen = new int[w.size() / family];
        var weights = new double[chosen.length];
        for (int f = 0; f < chosen.length; f++) {
            var members = new int[family];
            for (int j = 0; j < family; j++) {
                members[j] = f * family + j;
            }
            var own = w.gather(members);
            // A family that has lost all its members goes on with the first, at weight zero.
            chosen[f] = own.allZero()
                    ? members[0]
                    : members[
                            ResamplingScheme.MULTINOMIAL.resample(own, 1, key.at(f))
                                    .ancestors()[0]];
            weights[f] = own.logMean();
        }
        return new Ancestry(chosen, LogWeights.of(weights));
    }
}
