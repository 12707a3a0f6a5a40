# SPDX-License-Identifier: Apache-2.0
"""Export a Mask2Former for instances of COCO as a TorchScript detector with masks.

    python export_mask2former.py facebook/mask2former-swin-small-coco-instance OUT --picture 512

makes OUT/detector.pt and OUT/labels.txt, for

    tiller bench --detector "torchscript(path=OUT/detector.pt, labels=OUT/labels.txt, size=512, masks=true, colors=...)"

GenEval judges by a Mask2Former of mmdetection. This does around a model of transformers what mmdetection does around its own: the
picture is made 800 pixels wide, a query's classes compete for the 100 surest pairs, a score is the class's probability times the mean
confidence of the mask's pixels, and a box is what the mask covers. Pictures are square, as --picture says.
"""
import argparse
import os

import torch
import torch.nn.functional as F
from transformers import Mask2FormerForUniversalSegmentation

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class Instances(torch.nn.Module):
    def __init__(self, model, seen, most=100):
        super().__init__()
        self.model = model
        self.seen = seen
        self.classes = model.config.num_labels
        self.most = min(most, model.config.num_queries * self.classes)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def forward(self, x):
        size = x.shape[-2:]
        pixels = F.interpolate(x, size=(self.seen, self.seen), mode="bilinear", align_corners=False)
        answer = self.model(pixel_values=(pixels - self.mean) / self.deviation, return_dict=True)
        probabilities = answer.class_queries_logits[0].softmax(-1)[:, :-1]
        scores, pairs = probabilities.flatten().topk(self.most)
        labels = pairs % self.classes
        masks = F.interpolate(
            answer.masks_queries_logits, size=(self.seen, self.seen), mode="bilinear", align_corners=False
        )
        masks = F.interpolate(masks, size=size, mode="bilinear", align_corners=False)[0]
        masks = masks[torch.div(pairs, self.classes, rounding_mode="floor")]
        inside = (masks > 0).float()
        scores = scores * ((masks.sigmoid() * inside).flatten(1).sum(1) / (inside.flatten(1).sum(1) + 1e-6))
        return boxes(inside), scores, labels, masks > 0


def boxes(inside):
    """Left, top, right and bottom of each mask; 0 where there is none."""
    height, width = inside.shape[-2:]
    columns = inside.amax(1)
    rows = inside.amax(2)
    left = columns.argmax(1)
    top = rows.argmax(1)
    right = width - columns.flip(1).argmax(1)
    bottom = height - rows.flip(1).argmax(1)
    any_pixel = columns.amax(1) > 0
    return torch.stack([left, top, right, bottom], 1).float() * any_pixel.unsqueeze(1)


def export(model, out, picture, seen):
    os.makedirs(out, exist_ok=True)
    detector = Instances(model.eval(), seen).eval()
    with torch.no_grad():
        traced = torch.jit.trace(detector, torch.rand(1, 3, picture, picture), check_trace=False)
    traced.save(os.path.join(out, "detector.pt"))
    with open(os.path.join(out, "labels.txt"), "w") as labels:
        labels.writelines(model.config.id2label[i] + "\n" for i in range(model.config.num_labels))
    return detector


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", help="a folder or a name on the hub; one that was trained on instances")
    parser.add_argument("out")
    parser.add_argument("--picture", type=int, default=512, help="both edges of the pictures to be judged")
    arguments = parser.parse_args()
    export(
        Mask2FormerForUniversalSegmentation.from_pretrained(arguments.model), arguments.out, arguments.picture, 800
    )
