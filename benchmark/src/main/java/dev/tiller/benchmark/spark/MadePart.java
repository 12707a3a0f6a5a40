// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tiller.benchmark.BenchFolder;
import dev.tiller.benchmark.BenchListener;
import dev.tiller.benchmark.UnitRecord;
import java.io.Serializable;
import java.util.ArrayList;

/** Units that a task made, on their way to the folder. */
final class MadePart implements Serializable {
    private static final long serialVersionUID = 1;

    private final ArrayList<String> units = new ArrayList<>();
    private final ArrayList<byte[]> pictures = new ArrayList<>();

    void add(UnitRecord unit, byte[] png) {
        units.add(unit.toJson());
        pictures.add(png);
    }

    /** Keeps them; each appears whole or not at all, and one that is there already stays as it is. */
    void commit(BenchFolder folder, BenchListener progress) {
        for (int i = 0; i < units.size(); i++) {
            var unit = unit(i);
            folder.add(unit, pictures.get(i));
            progress.made(unit);
        }
    }

    private UnitRecord unit(int i) {
        try {
            return UnitRecord.ofJson(units.get(i));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
