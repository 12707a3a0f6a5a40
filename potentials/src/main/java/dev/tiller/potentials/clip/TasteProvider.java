// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.clip;

import dev.tiller.reward.LinearUtility;
import dev.tiller.reward.RewardInfo;
import dev.tiller.reward.RewardRequest;
import dev.tiller.run.TillerException;
import dev.tiller.weights.FileIdentity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code taste(file=my-taste.json)}: how much somebody will like the picture, whatever the prompt, learnt from choices by
 * {@code tiller rewards teach}. {@code caution=1} takes one standard deviation off, so that steering stays where the taste
 * is known.
 */
public final class TasteProvider extends TowerRewardProvider {
    /** That of the file that was read last, so that it is not read again for each prompt. */
    private static @Nullable Known last;

    private record Known(FileIdentity file, Taste taste) {}

    public TasteProvider() {
        super(
                EMBEDDED,
                new Option("file", "a taste, as tiller rewards teach writes it", "must be given"),
                new Option("caution", "standard deviations of doubt to take off", "0"));
    }

    @Override
    public RewardInfo info() {
        return new RewardInfo(
                "taste",
                "how much somebody likes the picture, learnt from their choices",
                "logit of being chosen over a middling picture; doubt: its standard deviation",
                true,
                false);
    }

    private static Path file(RewardRequest request) {
        var file = request.option("file", "");
        if (file.isEmpty()) {
            throw new TillerException(
                    "The reward taste needs a file: taste(file=my-taste.json); tiller rewards teach" + " makes one.");
        }
        return Path.of(file);
    }

    private static synchronized Taste taste(Path file) {
        var identity = FileIdentity.of(file);
        if (last == null || !last.file().equals(identity)) {
            last = new Known(identity, Taste.read(file));
        }
        return last.taste();
    }

    /** The one that it was learnt on. */
    @Override
    String model(RewardRequest request) {
        return request.option("model", taste(file(request)).model());
    }

    @Override
    Head head(RewardRequest request, Tower tower) {
        double caution = number(request, "caution", 0);
        var file = file(request);
        var sure = tower.kept(file, Liking.class, () -> {
            var taste = taste(file);
            TasteTeacher.check(taste, tower);
            return new Liking(taste.utility(), taste.centre(), 0);
        });
        return new Liking(sure.utility(), sure.centre(), caution);
    }

    /** utility(e − centre) − caution·doubt(e − centre). */
    record Liking(LinearUtility utility, double[] centre, double caution) implements Head {
        @Override
        public double value(double[] e) {
            var x = Taste.minus(e, centre);
            return utility.value(x) - (caution == 0 ? 0 : caution * utility.doubt(x));
        }

        @Override
        public double[] gradient(double[] e) {
            var gradient = utility.weights();
            if (caution != 0) {
                var x = Taste.minus(e, centre);
                var along = utility.covariance(x);
                double doubt = utility.doubt(x);
                Arrays.setAll(gradient, k -> gradient[k] - (doubt == 0 ? 0 : caution * along[k] / doubt));
            }
            return gradient;
        }

        @Override
        public Map<String, Double> shown(double[] e) {
            return Map.of("doubt", utility.doubt(Taste.minus(e, centre)));
        }
    }
}
