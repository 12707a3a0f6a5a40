// SPDX-License-Identifier: Apache-2.0
package dev.tiller.method;

import dev.tiller.samplers.scheduler.Latents;
import dev.tiller.smc.Account;
import dev.tiller.smc.Ledger;
import dev.tiller.smc.LogWeights;
import dev.tiller.smc.RewardPath;
import dev.tiller.smc.Snapshot;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.SafeTensors;
import dev.tiller.weights.SafeTensorsWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Particles between two steps as arrays of a safetensors file, from which the run goes on, equal to the bit. */
final class SavedParticles {
    private SavedParticles() {}

    static void write(Snapshot<Latents> snapshot, SafeTensorsWriter writer) {
        var ledger = snapshot.ledger();
        writer.add("log_weights", ledger.weights().toArray(), ledger.size());
        add(writer, "spent", ledger, Account::spent);
        add(writer, "reward", ledger, Account::reward);
        add(writer, "path.step", ledger, a -> a.path().step());
        add(writer, "path.previous", ledger, a -> a.path().previous());
        add(writer, "path.current", ledger, a -> a.path().current());
        add(writer, "path.best", ledger, a -> a.path().best());
        add(writer, "path.sum", ledger, a -> a.path().sum());
        Saved.write("latents", snapshot.population().sample(), writer);
        var memory = snapshot.population().memory();
        for (int k = 0; k < memory.size(); k++) {
            Saved.write("memory." + k, memory.get(k), writer);
        }
        Saved.write(snapshot.step(), snapshot.family(), snapshot.cost(), writer);
    }

    /** What {@link #write} wrote; the caller closes it. */
    static Snapshot<Latents> read(SafeTensors file, Device device) {
        try (var scope = Scope.open()) {
            var snapshot = snapshot(file, device);
            scope.keep(snapshot.population().sample());
            snapshot.population().memory().forEach(scope::keep);
            return snapshot;
        }
    }

    private static Snapshot<Latents> snapshot(SafeTensors file, Device device) {
        var spent = file.doubles("spent");
        var reward = file.doubles("reward");
        var step = file.doubles("path.step");
        var previous = file.doubles("path.previous");
        var current = file.doubles("path.current");
        var best = file.doubles("path.best");
        var sum = file.doubles("path.sum");
        var accounts = new ArrayList<Account>();
        for (int i = 0; i < spent.length; i++) {
            accounts.add(new Account(
                    spent[i], new RewardPath((int) step[i], previous[i], current[i], best[i], sum[i]), reward[i]));
        }
        List<Tensor> memory = new ArrayList<>();
        for (int k = 0; file.entries().containsKey("memory." + k); k++) {
            memory.add(Saved.tensor(file, "memory." + k, device));
        }
        var numbers = file.longs("numbers");
        if (numbers[0] < 0 || numbers[1] < 1 || spent.length == 0 || spent.length % numbers[1] != 0) {
            throw new IllegalArgumentException(
                    "step " + numbers[0] + ", " + spent.length + " particles in families of " + numbers[1]);
        }
        return new Snapshot<>(
                (int) numbers[0],
                new Latents(Saved.tensor(file, "latents", device), memory),
                new Ledger(LogWeights.of(file.doubles("log_weights")), accounts),
                (int) numbers[1],
                Saved.cost(file));
    }

    private static void add(SafeTensorsWriter writer, String name, Ledger ledger, ToDoubleFunction<Account> value) {
        writer.add(name, ledger.accounts().stream().mapToDouble(value).toArray(), ledger.size());
    }
}
