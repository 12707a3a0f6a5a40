// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import dev.tiller.run.TillerException;
import dev.tiller.tensor.Device;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;

/** The CUDA card that Spark's resource scheduling gives to an executor. */
final class Card {
    private static final String RESOURCE = "gpu";

    private Card() {}

    /** Addresses of the cards that a task was given; none where Spark was not asked for any. */
    static List<String> given(TaskContext task) {
        var resource = task.resourcesJMap().get(RESOURCE);
        return resource == null ? List.of() : Arrays.asList(resource.addresses());
    }

    /**
     * Makes a card what {@code cuda} means in this process. Pictures do not depend on which it is, so the plan does not name it.
     *
     * @param device of the plan
     * @param addresses of the cards that the task was given, by their indices
     * @throws TillerException if the plan names a card itself, or the process uses another one
     */
    static synchronized void choose(String device, List<String> addresses) {
        if (addresses.isEmpty() || Device.parse(device).isCpu()) {
            return;
        }
        var address = addresses.get(0);
        if (device.contains(":")) {
            throw new TillerException(
                    "Spark has chosen the card " + address + ", and the plan names " + device + "; say --device cuda.");
        }
        if (!address.matches("\\d{1,3}")) {
            throw new TillerException("Spark's discovery script gave the card '" + address
                    + "'; cards are told by their numbers, 0 for the first.");
        }
        var chosen = System.getProperty(Device.CARD);
        if (chosen != null && !chosen.equals(address)) {
            throw new TillerException("An executor uses one card, and this one was given " + chosen + " and " + address
                    + "; set spark.executor.resource.gpu.amount=1.");
        }
        System.setProperty(Device.CARD, address);
    }
}
