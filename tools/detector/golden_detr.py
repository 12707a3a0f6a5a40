# SPDX-License-Identifier: Apache-2.0
"""Write tiny random DETRs with what transformers makes of a picture, to hold the Java detector against.

    python golden_detr.py OUT

makes OUT/detr_resnet (transformers' own ResNet), OUT/detr_basic (the same with basic blocks) and OUT/detr_timm (timm's names, as
the published checkpoints have them; needs timm). Each holds config.json, preprocessor_config.json, model.safetensors,
io.safetensors and meta.json. References are a float64 run of the stored float32 weights; a tolerance is 8 times the float32
noise floor (float32 runs of the weights, and of weights moved by one unit in the last place).
"""
import copy
import json
import os
import shutil
import sys

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

LABELS = {0: "N/A", 1: "person", 2: "mouse", 3: "N/A", 4: "remote", 5: "dog"}
TRANSFORMER = dict(
    d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4,
    encoder_ffn_dim=24, decoder_ffn_dim=20, num_queries=9, id2label=LABELS)


def resnet(layer_type, hidden_sizes, depths, **changes):
    backbone = ResNetConfig(embedding_size=8, hidden_sizes=hidden_sizes, depths=depths, layer_type=layer_type,
                            out_features=["stage4"])
    return DetrForObjectDetection(
        DetrConfig(use_timm_backbone=False, backbone_config=backbone, **(TRANSFORMER | changes)))


def timm():
    from timm.models import _registry
    from timm.models._builder import build_model_with_cfg
    from timm.models.resnet import Bottleneck, ResNet

    # A small ResNet under the name of the published one; names and order of its layers are timm's.
    def small(pretrained=False, **kwargs):
        return build_model_with_cfg(ResNet, "resnet50", pretrained, block=Bottleneck, layers=(1, 1, 2, 1),
                                    channels=(3, 4, 5, 6), **kwargs)

    _registry._model_entrypoints["resnet50"] = small
    return DetrForObjectDetection(DetrConfig(backbone="resnet50", use_timm_backbone=True, **(TRANSFORMER | dict(encoder_layers=1))))


def randomise(model, gen):
    """Weights that make every layer matter, statistics of normalisations among them."""
    normal = lambda t, s: t.copy_(torch.randn(t.shape, generator=gen) * s)
    uniform = lambda t, a, b: t.copy_(torch.rand(t.shape, generator=gen) * (b - a) + a)
    with torch.no_grad():
        for name, module in model.named_modules():
            if hasattr(module, "running_var"):
                uniform(module.running_var, 0.5, 1.5)
                normal(module.running_mean, 0.3)
                uniform(module.weight, 0.7, 1.3)
                normal(module.bias, 0.2)
            elif isinstance(module, torch.nn.LayerNorm):
                uniform(module.weight, 0.7, 1.3)
                normal(module.bias, 0.1)
            elif isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
                fan = module.weight[0].numel()
                normal(module.weight, (4.0 if "class_labels" in name else 1.4) / fan**0.5)
                if module.bias is not None:
                    normal(module.bias, 0.2)
        normal(model.model.query_position_embeddings.weight, 4.0)
        model.class_labels_classifier.bias[-1] -= 2


def moved(model, gen):
    other = copy.deepcopy(model)
    with torch.no_grad():
        for p in list(other.parameters()) + [b for b in other.buffers() if b.is_floating_point()]:
            up = torch.randint(0, 2, p.shape, generator=gen).bool()
            p.copy_(torch.nextafter(p, torch.where(up, torch.inf, -torch.inf)))
    return other


def run(model, pixels):
    seen = {}
    hook = model.model.backbone.register_forward_hook(lambda m, i, o: seen.update(features=o[-1][0]))
    with torch.no_grad():
        out = model(pixels)
    hook.remove()
    return {"out.features": seen["features"], "out.encoder": out.encoder_last_hidden_state,
            "out.decoder": out.last_hidden_state, "out.logits": out.logits, "out.pred_boxes": out.pred_boxes}, out


def picture(gen, height, width):
    """Smooth blobs with hard edges between them."""
    small = torch.rand(1, 3, 7, 9, generator=gen)
    large = torch.nn.functional.interpolate(small, size=(height, width), mode="bicubic").clamp(0, 1)
    large[:, :, height // 3:, : width // 4] = 1 - large[:, :, height // 3:, : width // 4]
    return (large[0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()


def write(model, folder, size, shape, seed):
    gen = torch.Generator().manual_seed(seed)
    model = model.eval()
    randomise(model, gen)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    processor = DetrImageProcessorPil(size=size)
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
        json.dump({k: v for k, v in processor.to_dict().items() if v is not None}, f, indent=1, default=str)
    rgb = picture(gen, *shape)
    pixels = processor(images=Image.fromarray(rgb), return_tensors="pt")["pixel_values"].float()
    reference, _ = run(copy.deepcopy(model).double(), pixels.double())
    double = copy.deepcopy(model).double()
    _, out = run(double, pixels.double())
    found = processor.post_process_object_detection(out, threshold=0.0, target_sizes=[rgb.shape[:2]])[0]
    floats = [run(model, pixels)[0]] + [run(moved(model, gen), pixels)[0] for _ in range(4)]
    tensors = {"in.picture": torch.from_numpy(rgb.copy()), "in.pixel_values": pixels}
    tensors.update({k: v.float().contiguous() for k, v in reference.items()})
    tensors.update({"found.scores": found["scores"].float(), "found.labels": found["labels"],
                    "found.boxes": found["boxes"].float()})
    noise = {k: max((f[k].double() - v).abs().max().item() for f in floats) for k, v in reference.items()}
    tolerance = {k: {"atol": max(8 * v, 2e-6), "noise_max_abs": v} for k, v in noise.items()}
    save_file({k: v.contiguous() for k, v in tensors.items()}, os.path.join(folder, "io.safetensors"))
    meta = {
        "name": os.path.basename(folder), "family": "models", "title": "DetrForObjectDetection",
        "proves": "preprocessing by PIL (in.picture to in.pixel_values), backbone with frozen batch norm, encoder, decoder, heads, post-processing "
                  "(found.*: every query, boxes in pixels of in.picture)",
        "class_name": "transformers.DetrForObjectDetection",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__},
        "tolerance": tolerance,
        "cases": [{"prefix": "", "fn": "forward", "scalars": {}, "inputs": ["picture", "pixel_values"],
                   "outputs": [k[4:] for k in tensors if k.startswith("out.")]}],
    }
    with open(os.path.join(folder, "meta.json"), "w") as f:
        json.dump(meta, f, indent=1)
    best = sorted(zip(found["scores"].tolist(), found["labels"].tolist()), reverse=True)[:4]
    print(folder, "pixels", tuple(pixels.shape), "best", [(round(s, 3), l) for s, l in best],
          {k: f"{v['atol']:.1e}" for k, v in tolerance.items()})


def main():
    out = sys.argv[1]
    torch.set_num_threads(1)
    torch.manual_seed(3)
    write(resnet("bottleneck", [12, 16, 20, 24], [1, 2, 1, 1]), os.path.join(out, "detr_resnet"), {"shortest_edge": 33, "longest_edge": 48}, (31, 50), 31)
    write(resnet("basic", [6, 8, 10, 12], [1, 1, 1, 2], encoder_layers=1, decoder_layers=1), os.path.join(out, "detr_basic"), {"shortest_edge": 20, "longest_edge": 80}, (61, 37), 32)
    write(timm(), os.path.join(out, "detr_timm"), {"shortest_edge": 33, "longest_edge": 90}, (33, 47), 33)


main()
