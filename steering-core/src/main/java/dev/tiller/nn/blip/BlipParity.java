// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.blip;

import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.DType;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/** BLIP's towers together, in float32 on the CPU. */
public final class BlipParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("models") && golden.className().equals("transformers.BlipForImageTextRetrieval");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        for (var call : golden.cases()) {
            try (var model = BlipModel.load(golden.directory(), DType.FLOAT32, Device.CPU);
                    var scope = Scope.open()) {
                var ids = tokens(golden, call.prefix() + "in.input_ids");
                var mask = tokens(golden, call.prefix() + "in.attention_mask");
                var name = call.prefix() + "in.pixel_values";
                var pictures = model.pictures(Tensor.of(golden.floats(name), golden.shape(name)));
                var together = model.together(ids, mask, pictures);
                report.compare(golden, call.prefix() + "out.image_hidden", pictures);
                report.compare(golden, call.prefix() + "out.multimodal_cls", together);
                report.compare(golden, call.prefix() + "out.itm_score", model.match(together));
                report.compare(golden, call.prefix() + "out.itc_score", model.cosines(pictures, ids, mask));
            }
        }
    }

    private static Tensor tokens(Golden golden, String name) {
        return Tensor.of(golden.longs(name), golden.shape(name));
    }
}
