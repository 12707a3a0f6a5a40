// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.tiller.run.Cost;
import dev.tiller.run.RunEvent;
import dev.tiller.run.RunEvent.Ascended;
import dev.tiller.run.RunEvent.Expanded;
import dev.tiller.run.RunEvent.HeldOut;
import dev.tiller.run.RunEvent.Intervened;
import dev.tiller.run.RunEvent.Located;
import dev.tiller.run.RunEvent.Outcome;
import dev.tiller.run.RunEvent.Previewed;
import dev.tiller.run.RunEvent.Resampled;
import dev.tiller.run.RunEvent.RunEnded;
import dev.tiller.run.RunEvent.RunStarted;
import dev.tiller.run.RunEvent.Scored;
import dev.tiller.run.RunEvent.Stage;
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as JSON, the same text as {@link RecordJson} writes, without reflection: finding out what records are made of takes
 * a cold JVM a tenth of a second, and a run waits for its log. Reading is quick for the events that fill logs, as they are
 * written here; whatever else is left to {@link RecordJson}, which knows what is wrong with a line.
 */
final class EventJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    private static final Stage[] STAGES = Stage.values();

    private EventJson() {}

    static String write(RunEvent event) {
        var text = new StringWriter(512);
        try (var json = FACTORY.createGenerator(text)) {
            write(event, json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    private static void write(RunEvent event, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", event.getClass().getSimpleName());
        if (event instanceof RunStarted e) {
            // Once a run, and a manifest holds whatever a plan holds.
            json.writeFieldName("manifest");
            json.writeRawValue(RecordJson.write(e.manifest()));
            json.writeNumberField("steps", e.steps());
            json.writeNumberField("particles", e.particles());
        } else if (event instanceof Expanded e) {
            json.writeNumberField("step", e.step());
            numbers(json, "parents", e.parents());
        } else if (event instanceof Located e) {
            json.writeNumberField("step", e.step());
            json.writeArrayFieldStart("sketches");
            for (var sketch : e.sketches()) {
                json.writeArray(sketch, 0, sketch.length);
            }
            json.writeEndArray();
        } else if (event instanceof StepDone e) {
            json.writeNumberField("step", e.step());
            numbers(json, "logWeights", e.logWeights());
            json.writeNumberField("ess", e.ess());
            json.writeNumberField("logEvidence", e.logEvidence());
            cost(json, e.cost());
        } else if (event instanceof Scored e) {
            json.writeNumberField("step", e.step());
            numbers(json, "rewards", e.rewards());
            byName(json, "parts", e.parts());
            numbers(json, "logWeights", e.logWeights());
            json.writeNumberField("ess", e.ess());
        } else if (event instanceof HeldOut e) {
            json.writeNumberField("step", e.step());
            byName(json, "rewards", e.rewards());
        } else if (event instanceof Ascended e) {
            json.writeNumberField("step", e.step());
            numbers(json, "gradientNorms", e.gradientNorms());
            numbers(json, "priors", e.priors());
        } else if (event instanceof Resampled e) {
            json.writeNumberField("step", e.step());
            numbers(json, "ancestors", e.ancestors());
            numbers(json, "logWeights", e.logWeights());
            json.writeNumberField("essBefore", e.essBefore());
        } else if (event instanceof Intervened e) {
            json.writeNumberField("step", e.step());
            json.writeStringField("decision", e.decision().text());
            numbers(json, "ancestors", e.ancestors());
            numbers(json, "logWeights", e.logWeights());
        } else if (event instanceof Previewed e) {
            json.writeNumberField("step", e.step());
            json.writeNumberField("slot", e.slot());
            json.writeStringField("sha256", e.sha256());
            json.writeStringField("stage", e.stage().name());
        } else if (event instanceof Warned e) {
            json.writeNumberField("step", e.step());
            if (e.slot() == null) {
                json.writeNullField("slot");
            } else {
                json.writeNumberField("slot", e.slot());
            }
            json.writeStringField("message", e.message());
        } else if (event instanceof RunEnded e) {
            outcome(json, e.outcome());
            numbers(json, "order", e.order());
            json.writeNumberField("logEvidence", e.logEvidence());
            cost(json, e.cost());
        }
        json.writeEndObject();
    }

    /** A line as {@link #write} wrote it, of the usual kinds; null for any other, good or bad. */
    static @Nullable RunEvent read(byte[] bytes, int from, int to) {
        try (var json = FACTORY.createParser(bytes, from, to - from)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            var event = event(text(json, "type"), json);
            return event != null && json.nextToken() == JsonToken.END_OBJECT && json.nextToken() == null ? event : null;
        } catch (IOException | Unusual e) {
            return null;
        }
    }

    private static @Nullable RunEvent event(String type, JsonParser json) throws IOException, Unusual {
        return switch (type) {
            case "Previewed" ->
                new Previewed(integer(json, "step"), integer(json, "slot"), text(json, "sha256"), stage(json));
            case "Located" -> new Located(integer(json, "step"), rows(json, "sketches"));
            case "StepDone" ->
                new StepDone(
                        integer(json, "step"),
                        numbers(json, "logWeights"),
                        number(json, "ess"),
                        number(json, "logEvidence"),
                        cost(json));
            case "Scored" ->
                new Scored(
                        integer(json, "step"),
                        numbers(json, "rewards"),
                        byName(json, "parts"),
                        numbers(json, "logWeights"),
                        number(json, "ess"));
            default -> null;
        };
    }

    /** Not as it is written here. */
    private static final class Unusual extends Exception {
        private static final long serialVersionUID = 1L;

        Unusual() {
            super("", null, false, false);
        }
    }

    private static void require(boolean usual) throws Unusual {
        if (!usual) {
            throw new Unusual();
        }
    }

    private static JsonToken value(JsonParser json, String name) throws IOException, Unusual {
        require(json.nextToken() == JsonToken.FIELD_NAME && json.currentName().equals(name));
        return json.nextToken();
    }

    private static String text(JsonParser json, String name) throws IOException, Unusual {
        require(value(json, name) == JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static int integer(JsonParser json, String name) throws IOException, Unusual {
        require(value(json, name) == JsonToken.VALUE_NUMBER_INT);
        return json.getIntValue();
    }

    private static double number(JsonParser json, String name) throws IOException, Unusual {
        return number(json, value(json, name));
    }

    private static double number(JsonParser json, JsonToken token) throws IOException, Unusual {
        if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
            return json.getDoubleValue();
        }
        require(token == JsonToken.VALUE_STRING);
        return switch (json.getText()) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw new Unusual();
        };
    }

    private static double[] numbers(JsonParser json, String name) throws IOException, Unusual {
        return numbers(json, value(json, name));
    }

    private static double[] numbers(JsonParser json, JsonToken begin) throws IOException, Unusual {
        require(begin == JsonToken.START_ARRAY);
        var values = new double[32];
        int n = 0;
        for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (n == values.length) {
                values = Arrays.copyOf(values, 2 * n);
            }
            values[n++] = number(json, token);
        }
        return Arrays.copyOf(values, n);
    }

    private static double[][] rows(JsonParser json, String name) throws IOException, Unusual {
        require(value(json, name) == JsonToken.START_ARRAY);
        var rows = new ArrayList<double[]>();
        for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            rows.add(numbers(json, token));
        }
        return rows.toArray(double[][]::new);
    }

    private static Map<String, double[]> byName(JsonParser json, String name) throws IOException, Unusual {
        require(value(json, name) == JsonToken.START_OBJECT);
        var values = new LinkedHashMap<String, double[]>();
        for (var token = json.nextToken(); token == JsonToken.FIELD_NAME; token = json.nextToken()) {
            var part = json.currentName();
            require(values.put(part, numbers(json, json.nextToken())) == null);
        }
        return values;
    }

    private static Cost cost(JsonParser json) throws IOException, Unusual {
        require(value(json, "cost") == JsonToken.START_OBJECT);
        var cost = new Cost(
                count(json, "networkEvaluations"),
                count(json, "decodes"),
                count(json, "rewardCalls"),
                count(json, "backwardPasses"),
                count(json, "judgeCalls"),
                count(json, "judgeTokens"));
        require(json.nextToken() == JsonToken.END_OBJECT);
        return cost;
    }

    private static long count(JsonParser json, String name) throws IOException, Unusual {
        require(value(json, name) == JsonToken.VALUE_NUMBER_INT);
        return json.getLongValue();
    }

    private static Stage stage(JsonParser json) throws IOException, Unusual {
        var name = text(json, "stage");
        for (var stage : STAGES) {
            if (stage.name().equals(name)) {
                return stage;
            }
        }
        throw new Unusual();
    }

    private static void outcome(JsonGenerator json, Outcome outcome) throws IOException {
        json.writeObjectFieldStart("outcome");
        json.writeStringField("type", outcome.getClass().getSimpleName());
        if (outcome instanceof Outcome.Failed failed) {
            json.writeStringField("kind", failed.kind());
            json.writeStringField("message", failed.message());
        } else if (outcome instanceof Outcome.Cancelled cancelled) {
            json.writeNumberField("step", cancelled.step());
        }
        json.writeEndObject();
    }

    private static void numbers(JsonGenerator json, String name, int[] values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }

    private static void numbers(JsonGenerator json, String name, double[] values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }

    private static void byName(JsonGenerator json, String name, Map<String, double[]> values) throws IOException {
        json.writeObjectFieldStart(name);
        for (var entry : values.entrySet()) {
            numbers(json, entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void cost(JsonGenerator json, Cost cost) throws IOException {
        json.writeObjectFieldStart("cost");
        json.writeNumberField("networkEvaluations", cost.networkEvaluations());
        json.writeNumberField("decodes", cost.decodes());
        json.writeNumberField("rewardCalls", cost.rewardCalls());
        json.writeNumberField("backwardPasses", cost.backwardPasses());
        json.writeNumberField("judgeCalls", cost.judgeCalls());
        json.writeNumberField("judgeTokens", cost.judgeTokens());
        json.writeEndObject();
    }
}
