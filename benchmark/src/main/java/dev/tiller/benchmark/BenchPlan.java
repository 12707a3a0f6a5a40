// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.benchmark.Suite.SuitePrompt;
import dev.tiller.method.RunPlan;
import dev.tiller.potentials.geneval.GenEvalPrompt;
import dev.tiller.run.RunManifest;
import dev.tiller.run.RunManifest.WeightFile;
import dev.tiller.run.TillerException;
import dev.tiller.smc.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a benchmark measures: every cell on every prompt, so many images each, on the same seeds.
 *
 * @param plain the picture that budgets are measured by, but for its prompt and seed
 * @param images of each prompt and cell
 * @param seed the one source of randomness
 * @param judges rewards that look at the answers and steer nothing, as expressions
 * @param detector who finds the objects that rules speak of, such as {@code detr(path=FOLDER)}; empty for the verifier of the
 *     scene world where it knows all that is asked for, and nobody elsewhere
 */
public record BenchPlan(
        Suite suite, RunPlan plain, List<Cell> cells, int images, long seed, List<String> judges, String detector) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int VERSION = 1;

    public BenchPlan {
        cells = List.copyOf(cells);
        judges = List.copyOf(judges);
        if (images < 1 || images > 10_000) {
            throw new TillerException("A prompt has from 1 to 10000 images, not " + images + ".");
        }
        if (cells.isEmpty()) {
            throw new TillerException("The benchmark has no methods.");
        }
        if (judges.stream().distinct().count() < judges.size()) {
            throw new TillerException("A judge is named twice in " + String.join(", ", judges) + ".");
        }
        Detectors.check(detector, suite);
    }

    /** A cell as a file name, of no other cell even where upper and lower case are the same. */
    public String fileName(Cell cell) {
        var name = cell.fileName();
        long before = cells.stream()
                .takeWhile(c -> !c.name().equals(cell.name()))
                .filter(c -> c.fileName().equalsIgnoreCase(name))
                .count();
        return before == 0 ? name : name + "." + (before + 1);
    }

    /** One picture to be made. */
    public record Unit(Cell cell, int prompt, int image) {}

    /** All of them: prompt by prompt, so that a prompt is encoded once. */
    public List<Unit> units() {
        var units = new ArrayList<Unit>();
        for (int prompt = 0; prompt < suite.prompts().size(); prompt++) {
            for (var cell : cells) {
                for (int image = 0; image < images; image++) {
                    units.add(new Unit(cell, prompt, image));
                }
            }
        }
        return units;
    }

    /** The run that makes a picture: all cells begin with the same noises, other prompts and images with others. */
    public RunPlan run(Unit unit) {
        return run(unit.cell().plan(), unit.prompt(), unit.image());
    }

    RunPlan run(RunPlan cell, int prompt, int image) {
        long state = Key.of(seed).at(prompt).at(image).state();
        return cell.with(RunPlan.PROMPT, suite.prompts().get(prompt).prompt()).with(RunPlan.SEED, state >>> 1);
    }

    /** The plan alone, without the weights and versions that pictures depend on; {@link #ofText} reads it. */
    public String toText() {
        return toJson(RunManifest.of("", 0), List.of()).toString();
    }

    /**
     * A plan that was written by {@link #toText}.
     *
     * @throws TillerException if it is of another version
     */
    public static BenchPlan ofText(String text) {
        try {
            return ofJson(JSON.readTree(text), "The plan");
        } catch (JsonProcessingException e) {
            throw new TillerException("The plan is damaged: " + e.getOriginalMessage() + ".", e);
        }
    }

    /**
     * The plan as its folder holds it.
     *
     * @param on weights and versions that pictures depend on
     * @param detectorFiles files that judgements depend on
     */
    ObjectNode toJson(RunManifest on, List<WeightFile> detectorFiles) {
        var node = JSON.createObjectNode();
        node.put("format", "tiller-bench").put("version", VERSION);
        node.put("suite", suite.name()).put("images", images).put("seed", seed);
        var cellNodes = node.putArray("cells");
        for (var cell : cells) {
            cellNodes
                    .addObject()
                    .put("method", cell.method())
                    .put("budget", cell.budget())
                    .set("options", JSON.valueToTree(cell.options()));
        }
        if (cells.stream().noneMatch(cell -> cell.isBase() && cell.plan().equals(plain))) {
            node.set("plain", JSON.valueToTree(plain.toMap()));
        }
        judges.forEach(node.putArray("judges")::add);
        if (!detector.isEmpty()) {
            node.putObject("detector").put("written", detector).set("files", JSON.valueToTree(detectorFiles));
        }
        node.set("versions", JSON.valueToTree(on.versions()));
        node.set("weights", JSON.valueToTree(on.weights()));
        node.put("device", on.device());
        var prompts = node.putArray("prompts");
        suite.prompts().forEach(p -> prompts.add(promptJson(p)));
        return node;
    }

    static JsonNode promptJson(SuitePrompt prompt) {
        return prompt.rules() == null
                ? JSON.createObjectNode().put("tag", prompt.tag()).put("prompt", prompt.prompt())
                : new GenEvalPrompt(prompt.prompt(), prompt.tag(), prompt.rules()).toJson();
    }

    /**
     * The plan that a folder holds.
     *
     * @throws TillerException if it is of another version
     */
    static BenchPlan ofJson(JsonNode node, String where) {
        if (!node.path("format").asText().equals("tiller-bench")
                || node.path("version").asInt() != VERSION) {
            throw new TillerException(where + " is no plan of a benchmark of this version of Tiller.");
        }
        var prompts = new ArrayList<SuitePrompt>();
        for (var prompt : node.path("prompts")) {
            if (prompt.has("include")) {
                var read =
                        GenEvalPrompt.parse(where, List.of(prompt.toString())).get(0);
                prompts.add(new SuitePrompt(read.prompt(), read.tag(), read.rules()));
            } else {
                prompts.add(new SuitePrompt(
                        prompt.path("prompt").asText(), prompt.path("tag").asText(), null));
            }
        }
        if (prompts.isEmpty()) {
            throw new TillerException(where + " has no prompts.");
        }
        var cells = new ArrayList<Cell>();
        for (var cell : node.path("cells")) {
            cells.add(
                    new Cell(cell.path("method").asText(), cell.path("budget").asInt(), runPlan(cell.path("options"))));
        }
        var judges = new ArrayList<String>();
        node.path("judges").forEach(j -> judges.add(j.asText()));
        return new BenchPlan(
                new Suite(node.path("suite").asText(), prompts),
                node.has("plain") ? runPlan(node.path("plain")) : plain(cells, where),
                cells,
                node.path("images").asInt(),
                node.path("seed").asLong(),
                judges,
                node.path("detector").path("written").asText(""));
    }

    private static RunPlan runPlan(JsonNode options) {
        Map<String, Object> values = new LinkedHashMap<>();
        options.properties().forEach(o -> values.put(o.getKey(), o.getValue().asText()));
        return RunPlan.of(values);
    }

    /** The first base; of an older folder without one, the first cell. */
    private static RunPlan plain(List<Cell> cells, String where) {
        return cells.stream()
                .filter(Cell::isBase)
                .findFirst()
                .or(() -> cells.stream().findFirst())
                .map(Cell::plan)
                .orElseThrow(() -> new TillerException(where + " has no cells."));
    }

    /** In what two plans differ, in words; empty if they do not. */
    public static List<String> differences(JsonNode was, JsonNode now) {
        var differences = new ArrayList<String>();
        compare("", was, now, differences);
        return differences;
    }

    private static void compare(String path, JsonNode was, JsonNode now, List<String> differences) {
        // A number read from a file may be of another class.
        if (was.equals(now)
                || (was.isNumber() && now.isNumber() && was.decimalValue().compareTo(now.decimalValue()) == 0)) {
            return;
        }
        if (was.isObject() && now.isObject()) {
            var names = new TreeSet<String>();
            was.fieldNames().forEachRemaining(names::add);
            now.fieldNames().forEachRemaining(names::add);
            for (var name : names) {
                compare(path.isEmpty() ? name : path + "." + name, was.path(name), now.path(name), differences);
            }
        } else if (was.isArray() && now.isArray() && was.size() == now.size()) {
            for (int i = 0; i < was.size(); i++) {
                compare(path + "[" + i + "]", was.get(i), now.get(i), differences);
            }
        } else if (was.isArray() && now.isArray()) {
            differences.add(path + ": " + was.size() + " → " + now.size());
        } else {
            differences.add(path + ": " + shown(was) + " → " + shown(now));
        }
    }

    private static String shown(JsonNode node) {
        var text = node.isMissingNode() ? "none" : node.isTextual() ? node.asText() : node.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
