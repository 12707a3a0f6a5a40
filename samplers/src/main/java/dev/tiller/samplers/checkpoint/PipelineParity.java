// SPDX-License-Identifier: Apache-2.0
package dev.tiller.samplers.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.run.TillerException;
import dev.tiller.samplers.ClassifierFreeGuidance;
import dev.tiller.samplers.DiffusionKernel;
import dev.tiller.samplers.Sampling;
import dev.tiller.samplers.SizeConditioning;
import dev.tiller.samplers.scheduler.Scheduler;
import dev.tiller.samplers.scheduler.SchedulerConfig;
import dev.tiller.samplers.vae.LatentDecoder;
import dev.tiller.smc.Key;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;
import dev.tiller.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whole text-to-image runs, from prompt to picture, under the reference's noise, in float32 on the CPU. */
public final class PipelineParity implements ParityCase {
    private static final List<String> CLASSES =
            List.of("diffusers.StableDiffusionPipeline", "diffusers.StableDiffusionXLPipeline");

    /** What the reference's kinds of run are here: the scheduler's name, empty for the checkpoint's own. */
    private static final Map<String, String> SCHEDULERS = Map.of(
            "txt2img", "",
            "txt2img_pndm", "pndm",
            "txt2img_dpm", "dpmpp-2m-karras",
            "euler", "euler",
            "ddim", "ddim",
            "turbo", "euler-a");

    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("pipelines") && CLASSES.stream().anyMatch(golden.className()::startsWith);
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        try (var model = TextToImage.load(golden.directory(), DType.FLOAT32, Device.CPU);
                var decoder = LatentDecoder.load(golden.file("vae"), DType.FLOAT32, Device.CPU)) {
            if (golden.has("prompt_embeds")) {
                prompts(golden, report, model);
            }
            for (var call : golden.meta().path("cases")) {
                var name = call.path("prefix").asText();
                var scheduler = SCHEDULERS.get(call.path("pipeline").asText());
                if (scheduler == null) {
                    golden.results().keySet().stream()
                            .filter(result -> result.startsWith(name + "."))
                            .forEach(result -> report.notSupported(
                                    golden, result, call.path("pipeline").asText()));
                    continue;
                }
                try (var scope = Scope.open()) {
                    var last = trajectory(golden, report, name, samplers(golden, call, model, scheduler, scope));
                    pictures(golden, report, name, decoder, last);
                }
            }
        }
    }

    private static void prompts(Golden golden, ParityReport report, TextToImage model) {
        var prompts = List.of(
                golden.meta().path("prompt").asText(),
                golden.meta().path("negative_prompt").asText());
        var ids = prompts.stream()
                .flatMapToLong(p ->
                        Arrays.stream(model.textEncoder().tokenizer().encode(p).ids()))
                .toArray();
        if (!Arrays.equals(ids, golden.longs("prompt_ids"))) {
            throw new TillerException(
                    "The prompts' tokens are " + Arrays.toString(ids) + ", the reference's are others.");
        }
        try (var states = model.textEncoder().encode(prompts, 0).states()) {
            report.compare(golden, "prompt_embeds", states);
        }
    }

    /** One sampler for each prompt of a run, which starts from that prompt's row of the latents. */
    private static List<DiffusionKernel> samplers(
            Golden golden, JsonNode call, TextToImage model, String scheduler, Scope scope) {
        var arguments = call.path("arguments");
        var start = tensor(golden, call.path("prefix").asText() + ".in.latents");
        var samplers = new ArrayList<DiffusionKernel>();
        for (int row = 0; row < start.size(); row++) {
            var own = scope.adopt(start.rows(row, row + 1));
            var how = new Sampling(
                    text(arguments.path("prompt"), row),
                    text(arguments.path("negative_prompt"), row),
                    arguments.path("num_inference_steps").asInt(),
                    new ClassifierFreeGuidance(
                            arguments.path("guidance_scale").asDouble(),
                            arguments.path("guidance_rescale").asDouble(0)),
                    arguments.path("eta").asDouble(0),
                    scheduler.isEmpty() ? null : scheduler,
                    arguments.path("width").asInt(),
                    arguments.path("height").asInt(),
                    arguments.path("clip_skip").asInt(0),
                    sizes(arguments),
                    (n, key, shape) -> own.copy(),
                    1);
            samplers.add(
                    call.path("pipeline").asText().equals("turbo")
                            ? model.sampler(how, trailing(golden, how))
                            : model.sampler(how));
        }
        return samplers;
    }

    /** The reference's SDXL-Turbo is its SDXL with Turbo's scheduler. */
    private static Scheduler trailing(Golden golden, Sampling how) {
        var config = golden.file("scheduler").resolve("scheduler_config.json");
        return SchedulerConfig.of(ModelConfig.read(config).with("timestep_spacing", "trailing"))
                .withSolver("euler-a")
                .plan(how.steps());
    }

    private static @Nullable SizeConditioning sizes(JsonNode arguments) {
        if (!arguments.has("original_size")) {
            return null;
        }
        var sizes = Stream.of("original_size", "crops_coords_top_left", "target_size")
                .flatMap(name -> Stream.of(
                        arguments.path(name).path(0), arguments.path(name).path(1)))
                .mapToInt(JsonNode::asInt)
                .toArray();
        return new SizeConditioning(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]);
    }

    private static String text(JsonNode oneOrList, int row) {
        return oneOrList.isArray() ? oneOrList.path(row).asText() : oneOrList.asText();
    }

    /** Runs the samplers side by side, closes them, and gives their last latents. */
    private static Tensor trajectory(Golden golden, ParityReport report, String name, List<DiffusionKernel> samplers) {
        var outputs = new ArrayList<Tensor>();
        var cleans = new ArrayList<Tensor>();
        var latents = new ArrayList<Tensor>();
        for (int row = 0; row < samplers.size(); row++) {
            try (var sampler = samplers.get(row)) {
                var x = sampler.start(1, Key.of(0));
                for (int step = 0; step < sampler.steps(); step++) {
                    var noise = noise(golden, name + ".noise." + step, row);
                    outputs.add(sampler.output(step, x.sample()));
                    var move = sampler.move(step, x, noise);
                    x = move.next();
                    latents.add(x.sample());
                    cleans.add(move.clean().sample());
                }
            }
        }
        int steps = outputs.size() / samplers.size();
        report.compare(golden, name + ".eps", byStep(outputs, steps));
        report.compare(golden, name + ".latents", byStep(latents, steps));
        if (golden.has(name + ".x0")) {
            report.compare(golden, name + ".x0", byStep(cleans, steps));
        }
        return Tensor.concat(0, lasts(latents, steps));
    }

    private static @Nullable Tensor noise(Golden golden, String name, int row) {
        return golden.has(name) ? tensor(golden, name).rows(row, row + 1) : null;
    }

    private static Tensor[] lasts(List<Tensor> latents, int steps) {
        var lasts = new Tensor[latents.size() / steps];
        Arrays.setAll(lasts, row -> latents.get((row + 1) * steps - 1));
        return lasts;
    }

    /** Tensors 1×C×h×w, in the order of rows and then steps, as steps×rows×C×h×w. */
    private static Tensor byStep(List<Tensor> tensors, int steps) {
        var all = Tensor.concat(0, tensors.toArray(Tensor[]::new));
        return all.reshape(tensors.size() / steps, steps, all.dim(1), all.dim(2), all.dim(3))
                .permute(1, 0, 2, 3, 4);
    }

    private static void pictures(
            Golden golden, ParityReport report, String name, LatentDecoder decoder, Tensor latents) {
        var z = latents.dividedBy(decoder.config().scale())
                .plus(decoder.config().shift());
        report.compare(golden, name + ".decode_in", z);
        report.compare(golden, name + ".image_raw", decoder.forward(z));
        if (golden.has(name + ".image")) {
            report.compare(golden, name + ".image", decoder.decode(latents).tensor());
        }
    }

    private static Tensor tensor(Golden golden, String name) {
        return Tensor.of(golden.floats(name), golden.shape(name));
    }
}
