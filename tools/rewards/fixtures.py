# SPDX-License-Identifier: Apache-2.0
"""Small random models in the layouts of released reward models, with the scores their references give.

    python tools/rewards/fixtures.py potentials/src/test/resources/released

Needs torch, transformers, safetensors and pillow. The formulas beside each score are those of the published code.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from transformers import (BertTokenizer, BlipTextConfig, BlipVisionConfig, CLIPImageProcessor)
from transformers.models.blip.modeling_blip import BlipVisionModel
from transformers.models.blip.modeling_blip_text import BlipTextModel

OUT = pathlib.Path(sys.argv[1])
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a photo of red circle and the blue square ##s , . - two caf ##e".split()


def mlp(width):
    """The head of LAION's improved aesthetic predictor and of ImageReward: no activations, dropout off."""
    return torch.nn.Sequential(torch.nn.Linear(width, 24), torch.nn.Dropout(0.2), torch.nn.Linear(24, 12),
                               torch.nn.Dropout(0.2), torch.nn.Linear(12, 6), torch.nn.Dropout(0.1),
                               torch.nn.Linear(6, 4), torch.nn.Linear(4, 1)).eval()


def pictures():
    y, x = np.mgrid[0:40, 0:40]
    first = np.stack([x * 6, y * 6, (x + y) * 3], -1).astype(np.uint8)
    second = np.stack([(x // 5 + y // 5) % 2 * 255, x * 5, 255 - y * 6], -1).astype(np.uint8)
    wide = np.stack([x * 6, 255 - x * 6, y * 6], -1).astype(np.uint8)[:23]
    return [Image.fromarray(first), Image.fromarray(second), Image.fromarray(wide)]


def cropped(picture, side):
    """The shorter edge resized, the middle cropped, as torchvision does it: an odd margin is halved to the even neighbour."""
    width, height = picture.size
    size = ((side, int(side * height / width)) if width <= height else (int(side * width / height), side))
    left, top = (round((edge - side) / 2) for edge in size)
    return picture.resize(size, Image.BICUBIC).crop((left, top, left + side, top + side))


def imagereward(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    vision = BlipVisionModel(BlipVisionConfig(hidden_size=64, intermediate_size=96, num_hidden_layers=2,
                                              num_attention_heads=1, image_size=32, patch_size=16,
                                              layer_norm_eps=1e-6)).eval()
    text = BlipTextModel(BlipTextConfig(vocab_size=len(WORDS), hidden_size=32, encoder_hidden_size=64,
                                        intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                                        max_position_embeddings=40), add_pooling_layer=False).eval()
    head = mlp(32)
    for module in (vision, text, head):
        for name, p in module.named_parameters():
            torch.nn.init.normal_(p, std=0.25 if p.dim() > 1 else 0.1)
            if "norm" in name.lower() and name.endswith("weight"):
                p.data += 1
    state = {}
    for k, v in vision.state_dict().items():
        for a, b in (("embeddings.class_embedding", "cls_token"), ("embeddings.position_embedding", "pos_embed"),
                     ("embeddings.patch_embedding", "patch_embed.proj"), ("post_layernorm", "norm"),
                     ("encoder.layers", "blocks"), ("layer_norm", "norm"), ("self_attn.projection", "attn.proj"),
                     ("self_attn", "attn")):
            k = k.replace(a, b)
        state["blip.visual_encoder." + k] = v
    state |= {"blip.text_encoder." + k: v for k, v in text.state_dict().items() if "position_ids" not in k}
    state |= {"mlp.layers." + k: v for k, v in head.state_dict().items()}
    torch.save(state, folder / "ImageReward.pt")
    (folder / "med_config.json").write_text(json.dumps(
        {"architectures": ["BertModel"], "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu",
         "hidden_dropout_prob": 0.1, "hidden_size": 32, "initializer_range": 0.02, "intermediate_size": 48,
         "layer_norm_eps": 1e-12, "max_position_embeddings": 40, "model_type": "bert", "num_attention_heads": 4,
         "num_hidden_layers": 2, "pad_token_id": 0, "type_vocab_size": 2, "vocab_size": len(WORDS),
         "encoder_width": 64, "add_cross_attention": True}))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    processor = CLIPImageProcessor(do_resize=False, do_center_crop=False)
    cases = []
    for prompt in ("A photo of the red Circle, and two blue squares.", "café - a red circle " * 20):
        t = tokenizer(prompt, padding="max_length", truncation=True, max_length=35, return_tensors="pt")
        rewards = []
        for picture in pictures():
            with torch.no_grad():
                embeds = vision(torch.tensor(processor(cropped(picture, 32))["pixel_values"][0])[None]).last_hidden_state
                out = text(t.input_ids, attention_mask=t.attention_mask, encoder_hidden_states=embeds,
                           encoder_attention_mask=torch.ones(embeds.shape[:-1], dtype=torch.long), is_decoder=False)
                raw = head(out.last_hidden_state[:, 0])
                rewards.append(((raw - 0.16717362830052426) / 1.0333394966054072).item())
        cases.append({"prompt": prompt, "ids": t.input_ids[0].tolist(), "rewards": rewards})
    (folder / "expected.json").write_text(json.dumps(cases, indent=1))


def heads(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(2)
    x = torch.nn.functional.normalize(torch.randn(3, 128), dim=-1)
    linear, deep = torch.nn.Linear(128, 1), mlp(128)
    torch.save(linear.state_dict(), folder / "linear.pth")
    torch.save({"layers." + k: v for k, v in deep.state_dict().items()}, folder / "mlp.pth")
    with torch.no_grad():
        expected = {"embeddings": x.tolist(), "linear": linear(x)[:, 0].tolist(), "mlp": deep(x)[:, 0].tolist()}
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    for i, picture in enumerate(pictures()):
        OUT.mkdir(parents=True, exist_ok=True)
        picture.save(OUT / f"{i}.png")
    imagereward(OUT / "imagereward")
    heads(OUT / "heads")
