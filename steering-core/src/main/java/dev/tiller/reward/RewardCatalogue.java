// SPDX-License-Identifier: Apache-2.0
package dev.tiller.reward;

import dev.tiller.run.TillerException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The rewards that there are for one kind of sample, by name.
 *
 * @param <Y> a batch of what they look at
 */
public final class RewardCatalogue<Y> {
    private final TreeMap<String, RewardProvider<Y>> providers = new TreeMap<>();

    /** @throws TillerException if two have the same name */
    public RewardCatalogue(Collection<? extends RewardProvider<Y>> rewards) {
        for (var reward : rewards) {
            var other = providers.put(reward.info().name(), reward);
            if (other != null) {
                throw new TillerException(
                        "Two rewards are named " + reward.info().name() + ": "
                                + other.getClass().getName() + " and "
                                + reward.getClass().getName()
                                + "; take one of them off the class path.");
            }
        }
    }

    /** All on the class path. */
    public static <Y> RewardCatalogue<Y> load(Class<Y> looksAt) {
        var found = new ArrayList<RewardProvider<Y>>();
        try {
            for (RewardProvider<?> provider : ServiceLoader.load(RewardProvider.class)) {
                if (provider.looksAt() == looksAt) {
                    @SuppressWarnings("unchecked") // looksAt() is the class of the type parameter
                    var one = (RewardProvider<Y>) provider;
                    found.add(one);
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new TillerException("A reward on the class path cannot be loaded: " + e.getMessage() + ".", e);
        }
        return new RewardCatalogue<>(found);
    }

    /** Every reward, by name. */
    public List<RewardProvider<Y>> all() {
        return List.copyOf(providers.values());
    }

    /** @throws TillerException if there is none; the message lists those that are, and the nearest */
    public RewardProvider<Y> get(String name) {
        var provider = providers.get(name);
        if (provider == null) {
            throw new TillerException("There is no reward '" + name + "'." + Nearest.hint(name, providers.keySet())
                    + " Rewards: " + String.join(", ", providers.keySet()) + ".");
        }
        return provider;
    }

    /**
     * Checks that every reward and option of an expression exists, without building anything.
     *
     * @throws TillerException if one does not
     */
    public void check(RewardExpression expression) {
        for (var term : expression.summands()) {
            var known = get(term.reward().name()).options().stream()
                    .map(RewardProvider.Option::key)
                    .toList();
            for (var key : term.reward().options().keySet()) {
                if (!known.contains(key)) {
                    throw new TillerException("The reward " + term.reward().name() + " has no option '" + key + "'."
                            + Nearest.hint(key, known)
                            + (known.isEmpty() ? " It has none." : " Options: " + String.join(", ", known) + "."));
                }
            }
        }
    }

    /**
     * Builds what an expression names; each reward once, even where it is named twice. The request's own options are not
     * used.
     *
     * @throws TillerException if a reward or option does not exist, or will not do
     */
    public WeightedReward<Y> create(RewardExpression expression, RewardRequest request) {
        check(expression);
        return WeightedReward.of(expression, named -> get(named.name()).create(request.with(named.options())));
    }
}
