// SPDX-License-Identifier: Apache-2.0
package dev.tiller.smc;

import dev.tiller.run.RunEvent;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Events as text with every bit of every number, to compare runs. */
public final class EventText {
    private EventText() {}

    public static String of(RunEvent event) {
        return event.getClass().getSimpleName()
                + Arrays.stream(event.getClass().getRecordComponents())
                        .map(c -> c.getName() + "=" + text(value(c, event)))
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    private static Object value(RecordComponent component, RunEvent event) {
        try {
            return component.getAccessor().invoke(event);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static String text(Object value) {
        if (value instanceof double[] array) {
            return Arrays.toString(array);
        }
        if (value instanceof int[] array) {
            return Arrays.toString(array);
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(e -> e.getKey() + ":" + text(e.getValue()))
                    .sorted()
                    .toList()
                    .toString();
        }
        return String.valueOf(value);
    }
}
