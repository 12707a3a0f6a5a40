// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tiller.run.TillerException;
import dev.tiller.run.Version;
import dev.tiller.tensor.Engine;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code tiller doctor}. */
@Command(
        name = "doctor",
        description =
                "Says what Tiller finds on this machine: Java, the native engine, threads, devices, speed, and where"
                        + " models are looked for.",
        footerHeading = "%nExamples:%n",
        footer = {"  tiller doctor", "  tiller doctor --json | jq .speed"})
final class DoctorCommand extends TillerCommand {
    @Override
    public Integer call() {
        var node = JSON.createObjectNode();
        section("Tiller", Version.TILLER);
        node.put("tiller", Version.TILLER);
        var java = Runtime.version() + " (" + System.getProperty("java.vm.name") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + "), heap up to "
                + ModelsCommand.readable(Runtime.getRuntime().maxMemory());
        section("Java", java);
        node.put("java", java);
        boolean works = engine(node);
        gpu(node);
        places(node);
        if (works) {
            speed(node);
        }
        if (json()) {
            print(node);
        }
        return works ? 0 : Main.FAILED;
    }

    private boolean engine(ObjectNode node) {
        var waiting = Optional.ofNullable(System.getenv("OMP_WAIT_POLICY")).orElse("not set");
        try {
            var engine = "libtorch " + Engine.version() + " (" + Engine.flavour() + "), "
                    + String.join(" ", Engine.features());
            section("Engine", engine);
            section("Natives", System.getProperty("ai.djl.pytorch.native_path", natives()));
            section(
                    "Devices",
                    String.join(
                            ", ",
                            Engine.devices().stream().map(Object::toString).toList()));
            section("Threads", Engine.threads() + " of " + Runtime.getRuntime().availableProcessors() + " processors");
            section(
                    "Waiting",
                    "OMP_WAIT_POLICY=" + waiting
                            + (waiting.equalsIgnoreCase("PASSIVE")
                                    ? ""
                                    : " (set it to PASSIVE before Java starts, as the launcher does: idle threads that"
                                            + " spin make a busy machine several times slower)"));
            node.put("engine", engine).put("threads", Engine.threads()).put("omp_wait_policy", waiting);
            node.put("natives", natives());
            var devices = node.putArray("devices");
            Engine.devices().forEach(d -> devices.add(d.toString()));
            return true;
        } catch (TillerException e) {
            section("Engine", "does not start. " + e.getMessage());
            node.put("engine_error", e.getMessage());
            return false;
        }
    }

    private static String natives() {
        var chosen = System.getenv("PYTORCH_LIBRARY_PATH");
        return chosen == null
                ? "from the class path, unpacked below " + Engine.unpacked()
                : chosen + " (PYTORCH_LIBRARY_PATH)";
    }

    private void gpu(ObjectNode node) {
        var monitor = GpuMonitor.find();
        if (monitor.isEmpty()) {
            section("GPU", "none: no NVIDIA driver and CUDA runtime were found");
            node.putNull("gpu_driver").put("gpu_problem", GpuMonitor.reason());
            return;
        }
        section("GPU driver", monitor.get().driver());
        node.put("gpu_driver", monitor.get().driver());
        var cards = node.putArray("gpus");
        for (var card : monitor.get().cards()) {
            section(
                    "GPU",
                    card.name() + ", " + ModelsCommand.readable(card.freeBytes()) + " free of "
                            + ModelsCommand.readable(card.totalBytes()));
            cards.addObject()
                    .put("name", card.name())
                    .put("bytes", card.totalBytes())
                    .put("free_bytes", card.freeBytes());
        }
    }

    private void places(ObjectNode node) {
        var models = models();
        section("Embedded", String.join(", ", models.embeddedNames()));
        var places = node.putArray("model_folders");
        for (var place : models.places()) {
            section("Models in", place + (place.toFile().isDirectory() ? "" : " (not there)"));
            places.add(place.toString());
        }
    }

    private void speed(ObjectNode node) {
        double matmul = SpeedProbe.matmul();
        double convolution = SpeedProbe.convolution();
        section(
                "Speed",
                String.format(
                        Locale.ROOT, "matmul %.0f GFLOP/s, convolution %.0f GFLOP/s (float32)", matmul, convolution));
        node.putObject("speed").put("matmul_gflops", matmul).put("convolution_gflops", convolution);
    }

    private void section(String name, String text) {
        if (!json()) {
            out().println(String.format(Locale.ROOT, "%-11s %s", name, text));
        }
    }
}
