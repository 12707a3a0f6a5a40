// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.reward.Nearest;
import dev.tiller.run.TillerException;
import java.util.List;
import java.util.Locale;

/** The methods that there are. */
public final class Methods {
    private static final List<Method> ALL = List.of(
            new Base(),
            new BestOfN(),
            new FeynmanKac(),
            new Svdd(),
            new Reno(),
            new Dno(),
            new Search(),
            GuidedMethod.dps(),
            GuidedMethod.freedom(),
            GuidedMethod.universal(),
            GuidedMethod.tfg(),
            TwistedMethod.tds(),
            TwistedMethod.das(),
            new FlowNrg());

    private Methods() {}

    /** In the order in which they should be shown. */
    public static List<Method> all() {
        return ALL;
    }

    /** @throws TillerException if there is none of that name */
    public static Method named(String name) {
        var wanted = name.strip().toLowerCase(Locale.ROOT);
        var names = ALL.stream().map(Method::name).toList();
        return ALL.stream()
                .filter(m -> m.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TillerException("There is no method '" + name + "'."
                        + Nearest.hint(wanted, names) + " Methods: " + String.join(", ", names) + "."));
    }
}
