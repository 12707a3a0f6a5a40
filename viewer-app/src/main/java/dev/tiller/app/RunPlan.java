// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.TillerException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What {@code tiller run} was asked to do, complete: with a plan and the same weights the same pictures are made. Its
 * components are the options of the command line, and its map is the {@code plan} of the manifest.
 *
 * @param negative what the picture should not show; empty for nothing
 * @param model name, folder or hub name
 * @param method {@code base | bon | fk | svdd}
 * @param particles how many samples are steered together, at least 1
 * @param steps of the sampler, at least 1
 * @param guidance classifier-free guidance scale; 1 for none
 * @param eta noise of DDIM, in [0, 1]; other schedulers fix their own
 * @param scheduler its name, or empty for the checkpoint's own
 * @param width in pixels; 0 for the checkpoint's own
 * @param height in pixels; 0 for the checkpoint's own
 * @param reward an expression of the reward grammar
 * @param lambda inverse temperature: the target is p(x) exp(lambda r(x))
 * @param potential {@code difference | max | sum | none}
 * @param resampleFrom the first step after which particles are scored and resampled, counting from 1
 * @param resampleEvery steps from one scoring to the next
 * @param resampler {@code multinomial | stratified | systematic | residual | ssp}
 * @param essThreshold resample when ESS falls below this fraction of the particles; 1 for always
 * @param children candidates per particle with {@code svdd}
 * @param torchSeed initial noise as PyTorch draws it on a CPU from this seed; null for our own keys
 * @param dtype {@code float32 | bfloat16 | float16}
 * @param device {@code cpu | cuda | cuda:N}
 * @param threads of the native engine; 0 for all cores
 * @param microBatch particles through the network at a time; 0 to choose
 * @param unsteered how many pictures of the same seed the plain model makes to compare with; 0 for none
 * @param baseline whether to run best-of-n at equal network evaluations beside
 */
public record RunPlan(
        String prompt,
        String negative,
        String model,
        String method,
        int particles,
        int steps,
        double guidance,
        double eta,
        String scheduler,
        int width,
        int height,
        String reward,
        double lambda,
        String potential,
        int resampleFrom,
        int resampleEvery,
        String resampler,
        double essThreshold,
        int children,
        long seed,
        @Nullable Long torchSeed,
        String dtype,
        String device,
        int threads,
        int microBatch,
        int unsteered,
        boolean baseline) {

    /** The plan as the manifest holds it, in the order of the components. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        for (var component : RunPlan.class.getRecordComponents()) {
            var value = read(component);
            if (value != null) {
                map.put(component.getName(), value);
            }
        }
        return map;
    }

    /**
     * The plan of a manifest.
     *
     * @throws TillerException if a key is missing, unknown or of the wrong kind
     */
    public static RunPlan fromMap(Map<String, ?> map) {
        var components = RunPlan.class.getRecordComponents();
        Set<String> unknown = new TreeSet<>(map.keySet());
        var values = new Object[components.length];
        var types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            unknown.remove(components[i].getName());
            types[i] = components[i].getType();
            values[i] = convert(components[i].getName(), types[i], map.get(components[i].getName()));
        }
        if (!unknown.isEmpty()) {
            throw new TillerException("The plan has keys that this version does not know: " + String.join(", ", unknown)
                    + "; it was written by another version of Tiller.");
        }
        try {
            return RunPlan.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Object convert(String name, Class<?> type, @Nullable Object value) {
        if (value == null && type == Long.class) {
            return null;
        }
        if (type == String.class && value instanceof String) {
            return value;
        }
        if (type == boolean.class && value instanceof Boolean) {
            return value;
        }
        if (type == int.class && value instanceof Integer) {
            return value;
        }
        if ((type == long.class || type == Long.class) && (value instanceof Integer || value instanceof Long)) {
            return ((Number) value).longValue();
        }
        if (type == double.class && value instanceof Number number) {
            return number.doubleValue();
        }
        throw new TillerException("The plan's '" + name + "' should be a " + type.getSimpleName() + " but is "
                + (value == null ? "missing" : "'" + value + "'") + ".");
    }

    private @Nullable Object read(RecordComponent component) {
        try {
            return component.getAccessor().invoke(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
