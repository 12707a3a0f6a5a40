// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import dev.tiller.run.TillerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The native engine (libtorch through DJL), started once, at first use. Nothing is downloaded and nothing is reported
 * to anyone. Gradients are not recorded on any thread that uses it.
 *
 * <p>Read before the start, as system properties: {@code tiller.threads}, the number of threads inside one operation
 * (default: {@code ai.djl.pytorch.num_threads}, else the number of processors).
 */
public final class Engine {
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    /** Starts the engine when it is first touched. */
    private static final class Started {
        static final @Nullable PtNDManager MANAGER;
        static final @Nullable TillerException FAILURE;

        static {
            PtNDManager manager = null;
            TillerException failure = null;
            try {
                manager = start();
            } catch (EngineException | UnsatisfiedLinkError e) {
                failure = new TillerException(
                        "The native engine (libtorch) does not start on this machine: " + e.getMessage() + ".", e);
            }
            MANAGER = manager;
            FAILURE = failure;
        }

        private static PtNDManager start() {
            setDefault("ai.djl.offline", "true");
            setDefault("OPT_OUT_TRACKING", "true");
            setDefault(THREADS, System.getProperty("tiller.threads", Integer.toString(processors())));
            setDefault("ai.djl.pytorch.num_interop_threads", "1");
            var manager =
                    (PtNDManager) ai.djl.engine.Engine.getEngine("PyTorch").newBaseManager(ai.djl.Device.cpu());
            threads = JniUtils.getNumThreads();
            return manager;
        }

        private static void setDefault(String property, String value) {
            if (System.getProperty(property) == null) {
                System.setProperty(property, value);
            }
        }

        private static int processors() {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    private static final class Library {
        static final boolean CUDA = ai.djl.engine.Engine.getEngine("PyTorch").getGpuCount() > 0;
        static final TorchScript KERNELS = TorchScript.ofResource(started(), "Kernels", "kernels.py");
    }

    /** What a thread begins with; libtorch would give it what any thread was given last, be it a worker's 1. */
    private static volatile int threads;

    /** Grad mode is per thread and on in a new one, where plain forwards would silently record graphs. */
    private static final ThreadLocal<Boolean> PREPARED = ThreadLocal.withInitial(Engine::prepareThread);

    private Engine() {}

    /** Starts the engine if it is not running, which takes about a second; every tensor does so by itself. */
    public static void start() {
        kernels();
    }

    /** The version of libtorch, such as {@code 2.7.1}. */
    public static String version() {
        start();
        return ai.djl.engine.Engine.getEngine("PyTorch").getVersion();
    }

    /** The build of libtorch: {@code cpu}, {@code cpu-precxx11}, {@code cu128}… */
    public static String flavour() {
        start();
        return Platform.detectPlatform("pytorch").getFlavor();
    }

    /** The folder that native libraries of the class path are unpacked to. */
    public static Path unpacked() {
        return Utils.getEngineCacheDir("pytorch");
    }

    /** What the build was compiled with, such as {@code MKLDNN}, {@code MKL}, {@code CUDA}. */
    public static List<String> features() {
        start();
        return JniUtils.getFeatures().stream().sorted().toList();
    }

    /** The processor, and every CUDA card that the engine can use. */
    public static List<Device> devices() {
        start();
        var devices = new ArrayList<>(List.of(Device.CPU));
        for (int i = 0; i < ai.djl.engine.Engine.getEngine("PyTorch").getGpuCount(); i++) {
            devices.add(Device.cuda(i));
        }
        return List.copyOf(devices);
    }

    /**
     * The device itself, if the engine can use it.
     *
     * @throws TillerException if not: a run never falls back to another device silently
     */
    public static Device require(Device device) {
        if (!devices().contains(device)) {
            throw new TillerException("The device " + device + " is not usable here (found: " + devices() + ", engine "
                    + version() + " " + flavour() + "): choose another, or install the CUDA build of the engine.");
        }
        return device;
    }

    /** Threads inside one operation of this thread's. The last digit of a sum on the CPU depends on it. */
    public static int threads() {
        enter();
        return JniUtils.getNumThreads();
    }

    /** Sets {@link #threads} of this thread, and of those that begin to use the engine later. */
    public static void setThreads(int count) {
        if (count < 1) {
            throw new TillerException("The number of threads must be at least 1, not " + count + ".");
        }
        enter();
        threads = count;
        JniUtils.setNumThreads(count);
    }

    /** From now on this thread's operations stay on it. */
    static void alone() {
        enter();
        JniUtils.setNumThreads(1);
    }

    /** Computes something on this thread alone, whose operations may have several threads before and afterwards. */
    public static <T> T alone(Supplier<T> computation) {
        return with(1, computation);
    }

    /** Computes something on this thread, with so many threads inside its operations; before and afterwards there may be others. */
    static <T> T with(int count, Supplier<T> computation) {
        enter();
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(count);
        try {
            return computation.get();
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    /** Computes something with gradients recorded on this thread: without packed weights, which have none. */
    public static <T> T recording(Supplier<T> computation) {
        return gradMode(true, computation);
    }

    static <T> T gradMode(boolean on, Supplier<T> computation) {
        enter();
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(on);
        try {
            return computation.get();
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** The manager that all arrays belong to; it outlives them all: {@link Scope} decides when a tensor dies. */
    static PtNDManager manager() {
        enter();
        return started();
    }

    private static PtNDManager started() {
        if (Started.MANAGER == null) {
            throw Objects.requireNonNull(Started.FAILURE);
        }
        return Started.MANAGER;
    }

    static TorchScript kernels() {
        enter();
        return Library.KERNELS;
    }

    /** To be called on a thread before its first operation; costs nothing afterwards. */
    static void enter() {
        PREPARED.get();
    }

    private static Boolean prepareThread() {
        started();
        JniUtils.setGradMode(false);
        // At its first question or operation libtorch gives a thread what any thread was given last, and not what this
        // one was.
        JniUtils.getNumThreads();
        JniUtils.setNumThreads(threads);
        if (Library.CUDA) {
            // The fuser of the graph executor has open failures on CUDA.
            JniUtils.setGraphExecutorOptimize(false);
        }
        return true;
    }
}
