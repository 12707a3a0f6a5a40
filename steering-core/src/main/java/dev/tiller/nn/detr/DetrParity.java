// SPDX-License-Identifier: Apache-2.0
package dev.tiller.nn.detr;

import dev.tiller.parity.Golden;
import dev.tiller.parity.ParityCase;
import dev.tiller.parity.ParityReport;
import dev.tiller.tensor.Device;
import dev.tiller.tensor.Scope;
import dev.tiller.tensor.Tensor;

/** DETR's stages: feature map, encoder, decoder, logits and boxes, in float32 on the CPU. */
public final class DetrParity implements ParityCase {
    @Override
    public boolean handles(Golden golden) {
        return golden.family().equals("models") && golden.className().equals("transformers.DetrForObjectDetection");
    }

    @Override
    public void run(Golden golden, ParityReport report) {
        for (var call : golden.cases()) {
            try (var model = DetrModel.load(golden.directory(), Device.CPU);
                    var scope = Scope.open()) {
                var name = call.prefix() + "in.pixel_values";
                var answer = model.forward(scope.adopt(Tensor.of(golden.floats(name), golden.shape(name))));
                report.compare(golden, call.prefix() + "out.features", answer.features());
                report.compare(golden, call.prefix() + "out.encoder", answer.encoded());
                report.compare(golden, call.prefix() + "out.decoder", answer.decoded());
                report.compare(golden, call.prefix() + "out.logits", answer.logits());
                report.compare(golden, call.prefix() + "out.pred_boxes", answer.boxes());
            }
        }
    }
}
