// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlMemory_t;

/** The driver's own view of NVIDIA cards. Looked for once; without a driver there is none, and the reason is known. */
final class GpuMonitor {
    /**
     * @param totalBytes memory of the card
     * @param freeBytes of it, now
     */
    record Card(String name, long totalBytes, long freeBytes) {}

    private static final class Probe {
        static final Optional<GpuMonitor> FOUND;
        static final String REASON;

        static {
            Optional<GpuMonitor> found = Optional.empty();
            String reason = "";
            try {
                int status = nvml.nvmlInit_v2();
                if (status == 0) {
                    found = Optional.of(new GpuMonitor());
                } else {
                    reason = nvml.nvmlErrorString(status).getString();
                }
            } catch (LinkageError e) {
                // UnsatisfiedLinkError at first, NoClassDefFoundError ever after: hence the holder.
                reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            }
            FOUND = found;
            REASON = reason;
        }
    }

    private GpuMonitor() {}

    /** Empty where there is no NVIDIA driver, or no CUDA runtime beside it. */
    static Optional<GpuMonitor> find() {
        return Probe.FOUND;
    }

    /** Why there is none. */
    static String reason() {
        return Probe.REASON;
    }

    String driver() {
        var version = new byte[96];
        return nvml.nvmlSystemGetDriverVersion(version, version.length) == 0 ? text(version) : "unknown";
    }

    List<Card> cards() {
        var cards = new ArrayList<Card>();
        var count = new int[1];
        nvml.nvmlDeviceGetCount_v2(count);
        for (int i = 0; i < count[0]; i++) {
            try (var device = new nvmlDevice_st();
                    var memory = new nvmlMemory_t()) {
                var name = new byte[96];
                if (nvml.nvmlDeviceGetHandleByIndex_v2(i, device) == 0
                        && nvml.nvmlDeviceGetName(device, name, name.length) == 0
                        && nvml.nvmlDeviceGetMemoryInfo(device, memory) == 0) {
                    cards.add(new Card(text(name), memory.total(), memory._free()));
                }
            }
        }
        return cards;
    }

    private static String text(byte[] zeroEnded) {
        int length = 0;
        while (length < zeroEnded.length && zeroEnded[length] != 0) {
            length++;
        }
        return new String(zeroEnded, 0, length, java.nio.charset.StandardCharsets.US_ASCII);
    }
}
