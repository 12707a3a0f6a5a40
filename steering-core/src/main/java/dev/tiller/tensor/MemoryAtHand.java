// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory that a device could still give, now and when this was made. */
final class MemoryAtHand {
    private static final Path LINUX = Path.of("/proc/meminfo");
    private static final long INTERVAL = 10_000_000;

    private final Device device;
    private final long atFirst;
    private boolean isShort;
    private long lookedAt;

    MemoryAtHand(Device device) {
        this.device = device;
        this.atFirst = free(device);
        this.lookedAt = System.nanoTime();
    }

    /** Whether less than half of it is left. Looks at most every 10 ms, and says so for ever once it has been so. */
    boolean isShort() {
        if (!isShort && System.nanoTime() - lookedAt > INTERVAL) {
            isShort = free(device) < atFirst / 2;
            lookedAt = System.nanoTime();
        }
        return isShort;
    }

    /** Bytes. */
    static long free(Device device) {
        if (!device.isCpu()) {
            var memory = CudaUtils.getGpuMemory(ai.djl.Device.gpu(device.index()));
            return memory.getMax() - memory.getUsed();
        }
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (var lines = Files.lines(LINUX)) {
            long[] kilobytes = lines.filter(line -> line.startsWith("MemTotal") || line.startsWith("MemAvailable"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .toArray();
            // What files take can be had; but where a container has less than the machine, its own count holds.
            boolean contained = system.getTotalMemorySize() < kilobytes[0] * 1024;
            return contained ? system.getFreeMemorySize() : kilobytes[1] * 1024;
        } catch (IOException e) {
            return system.getFreeMemorySize();
        }
    }
}
