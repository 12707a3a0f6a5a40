// SPDX-License-Identifier: Apache-2.0
package dev.tiller.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
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
import dev.tiller.run.RunEvent.StepDone;
import dev.tiller.run.RunEvent.Warned;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/**
 * Events as JSON, the same text as {@link RecordJson} writes, without reflection: finding out what records are made of takes
 * a cold JVM a tenth of a second, and a run waits for its log.
 */
final class EventJson {
    private static final JsonFactory FACTORY = new JsonFactory();

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
