# SPDX-License-Identifier: Apache-2.0
"""Export two tiny detectors as TorchScript, to test how such files are read.

    python golden_torchscript.py OUT

makes OUT/tuple.pt, which answers with boxes, scores and labels, OUT/masks.pt, which answers with masks of true and false besides, and
OUT/list.pt, which answers as torchvision's detectors do, with a list of one dictionary. All see one object: the box around all pixels whose red is above a half, with the mean red in it as the score
and the label 1; the mask is of those pixels. tuple.pt answers wrongly on pictures of less than 16 rows, in another way for each height, and
masks.pt on those of one row.
"""
import os
import sys
import zipfile
from typing import Dict, List, Tuple

import torch


def seen(x: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    red = x[0, 0]
    places = torch.nonzero(red > 0.5)
    if places.size(0) == 0:
        return torch.zeros([0, 4]), torch.zeros([0]), torch.zeros([0], dtype=torch.int64)
    low = torch.amin(places, 0)
    high = torch.amax(places, 0) + 1
    inside = red[int(low[0]):int(high[0]), int(low[1]):int(high[1])]
    box = torch.stack([low[1], low[0], high[1], high[0]]).to(torch.float32)
    return box.unsqueeze(0), inside.mean().unsqueeze(0), torch.ones([1], dtype=torch.int64)


class AsTuple(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        boxes, scores, labels = seen(x)
        height = x.size(2)
        if height == 1:
            boxes = boxes / 0
        elif height == 2:
            scores = scores + 1
        elif height == 3:
            labels = labels + 98
        elif height == 4:
            boxes = boxes[:, :3]
        elif height == 5:
            labels = labels.to(torch.float32)
        elif height == 6:
            scores = scores.to(torch.bfloat16)
        elif height == 7:
            raise RuntimeError("seven rows")
        elif height == 8:
            scores = torch.cat([scores, scores])
        elif height == 9:
            scores = scores * float("nan")
        return boxes, scores, labels


class WithMasks(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        boxes, scores, labels = seen(x)
        masks = (x[:, 0] > 0.5)[: boxes.size(0)]
        if x.size(2) == 1:
            masks = masks[:, :, :-1]
        return boxes, scores, labels, masks


class AsList(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> List[Dict[str, torch.Tensor]]:
        boxes, scores, labels = seen(x)
        return [{"boxes": boxes, "labels": labels, "scores": scores, "masks": x[:, :1]}]


def save(module, path):
    torch.jit.script(module.eval()).save(path + ".whole")
    # Without what is for debuggers.
    with zipfile.ZipFile(path + ".whole") as whole, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as small:
        for name in whole.namelist():
            if not name.endswith(".debug_pkl"):
                small.writestr(zipfile.ZipInfo(name), whole.read(name))
    os.remove(path + ".whole")


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    save(AsTuple(), os.path.join(sys.argv[1], "tuple.pt"))
    save(WithMasks(), os.path.join(sys.argv[1], "masks.pt"))
    save(AsList(), os.path.join(sys.argv[1], "list.pt"))
