// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A loaded TorchScript class whose methods Java calls by name. Safe for use by many threads. */
final class TorchScript {
    /** Held for ever: the engine frees the weights mapped through a model that nobody refers to. */
    private final Model model;

    private final PtSymbolBlock block;
    private final PtNDManager manager;

    /** DJL takes the name of the method to run from the name of an extra array. */
    private final Map<String, NDArray> methods = new ConcurrentHashMap<>();

    private TorchScript(PtNDManager manager, String className, String source) {
        this.manager = manager;
        this.model = Model.newInstance("kernels", Device.cpu(), "PyTorch");
        try {
            model.load(new ByteArrayInputStream(TorchScriptArchive.of(className, source)));
        } catch (IOException | MalformedModelException e) {
            throw new IllegalStateException("kernel library does not load", e);
        }
        this.block = (PtSymbolBlock) model.getBlock();
    }

    /** The class that a text beside this Java class declares. */
    static TorchScript ofResource(PtNDManager manager, String className, String resource) {
        try (InputStream in = TorchScript.class.getResourceAsStream(resource)) {
            byte[] source = Objects.requireNonNull(in, resource).readAllBytes();
            return new TorchScript(manager, className, new String(source, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code method}, whose result is one tensor. */
    NDArray call(String method, NDArray... args) {
        return callForAll(method, args).head();
    }

    /** Runs {@code method}, whose result is one tensor or a list of them. Arguments named {@code x[]} make one list. */
    NDList callForAll(String method, NDArray... args) {
        var list = new NDList(args.length + 1);
        for (NDArray arg : args) {
            list.add(arg);
        }
        list.add(methods.computeIfAbsent(method, this::marker));
        // train = true: tensors of the inference mode could not be differentiated through later.
        return IValueUtils.forward(block, list, true);
    }

    private NDArray marker(String method) {
        NDArray marker = manager.create(0);
        marker.setName("module_method:" + method);
        return marker;
    }
}
