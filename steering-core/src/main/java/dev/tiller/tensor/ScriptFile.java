// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import dev.tiller.run.Disk;
import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Somebody's network as a TorchScript file, which is a program: what it answers must be looked at before it is believed. */
public final class ScriptFile implements AutoCloseable {
    private static final Pattern UNKNOWN_OPERATOR = Pattern.compile("Unknown builtin op: ([\\w:]+)");

    private static final Set<DataType> UNDERSTOOD =
            Set.of(DataType.FLOAT32, DataType.FLOAT64, DataType.INT64, DataType.BOOLEAN);

    private final Path file;
    private final Device device;
    private final Model model;

    private ScriptFile(Path file, Device device, Model model) {
        this.file = file;
        this.device = device;
        this.model = model;
    }

    /**
     * Part of an answer.
     *
     * @param name its key, where the network answers with a dictionary
     */
    public record Output(@Nullable String name, Tensor tensor) {}

    /**
     * Reads a file.
     *
     * @throws TillerException if it is not there, is no TorchScript module, or needs an operator that libtorch does not have
     */
    public static ScriptFile load(Path file, Device device) {
        if (!Files.isRegularFile(file)) {
            throw new TillerException("There is no TorchScript file " + file + ".");
        }
        Engine.require(device);
        var model = Model.newInstance(
                file.getFileName().toString(),
                device.isCpu() ? ai.djl.Device.cpu() : ai.djl.Device.gpu(device.index()),
                "PyTorch");
        try (var in = Files.newInputStream(file)) {
            model.load(in, Map.of("mapLocation", "true"));
            return new ScriptFile(file, device, model);
        } catch (EngineException | MalformedModelException e) {
            model.close();
            var operator = UNKNOWN_OPERATOR.matcher(String.valueOf(e.getMessage()));
            throw new TillerException(
                    operator.find()
                            ? "The TorchScript file " + file + " needs the operator " + operator.group(1)
                                    + ", which libtorch " + Engine.version() + " does not have."
                            : file + " is no TorchScript module that libtorch " + Engine.version() + " can read.",
                    e);
        } catch (IOException e) {
            model.close();
            throw Disk.problem("read", file, e);
        }
    }

    /**
     * What the module's {@code forward} makes of a tensor: tensors in lists, tuples and dictionaries, one after another.
     *
     * @throws TillerException if it fails, or answers with something else than tensors of float32, float64, int64 and bool
     */
    public List<Output> forward(Tensor input) {
        var moved = input.to(device);
        NDList answer;
        try {
            answer = IValueUtils.forward((PtSymbolBlock) model.getBlock(), new NDList(moved.array()), true);
        } catch (EngineException e) {
            throw new TillerException(file + " fails on an input of " + shape(input) + ": " + cause(e) + ".", e);
        } catch (UnsupportedOperationException e) {
            throw new TillerException(file + " answers with something else than tensors.", e);
        }
        // Others, such as bfloat16, bring the engine down when they are read.
        if (!answer.stream().allMatch(array -> UNDERSTOOD.contains(array.getDataType()))) {
            answer.close();
            throw new TillerException(
                    file + " answers with tensors that are none of float32, float64, int64 and bool.");
        }
        var outputs = new ArrayList<Output>();
        for (NDArray array : answer) {
            outputs.add(new Output(array.getName(), Tensor.wrap(array)));
        }
        return outputs;
    }

    private static String shape(Tensor tensor) {
        return Arrays.toString(tensor.shape());
    }

    /** The last line of a traceback says what is wrong. */
    private static String cause(EngineException e) {
        var lines = String.valueOf(e.getMessage())
                .lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .toList();
        return lines.isEmpty()
                ? "it does not say why"
                : lines.get(lines.size() - 1).replaceAll("[.\\s]+$", "");
    }

    @Override
    public void close() {
        model.close();
    }
}
