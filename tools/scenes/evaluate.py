# SPDX-License-Identifier: Apache-2.0
"""Generate pictures for prompts x seeds with a model directory: OUT/*.png, OUT/images.jsonl (for verify.py), OUT/sheet.png.

    python evaluate.py --model MODEL --prompts prompts.jsonl --seeds 2 --out OUT && python verify.py OUT

DDIM with eta 1, 50 steps, guidance 3; for scenes-turbo say --steps 1 --guidance 1. The noises depend on the seed and the prompt's place in the file only.
"""
import argparse
import json
import os

import numpy as np
import torch
from diffusers import DDIMScheduler
from PIL import Image

import cache
import models
import world


@torch.no_grad()
def generate(unet, text, vae, scheduler, ids, seeds, steps=50, guidance=3., eta=1., keep=None):
    """One picture per row of ids; row i draws from its own generator seeds[i]. keep: {step index: list} collects x0."""
    gens = [torch.Generator().manual_seed(int(s)) for s in seeds]
    draw = lambda: torch.stack([torch.randn(4, 16, 16, generator=g) for g in gens])
    empty = torch.full((1, 24), 644)
    empty[0, 0] = 643
    context = torch.cat([text(empty).last_hidden_state.expand(len(ids), -1, -1),
                         text(torch.as_tensor(ids)).last_hidden_state])
    scheduler.set_timesteps(steps)
    x = draw()
    for i, t in enumerate(scheduler.timesteps):
        if guidance == 1:
            v = unet(x, t, context[len(x):]).sample
        else:
            u, c = unet(torch.cat([x, x]), t, context).sample.chunk(2)
            v = u + guidance * (c - u)
        out = scheduler.step(v, t, x, eta=eta, variance_noise=draw())
        x = out.prev_sample
        if keep is not None and i in keep:
            keep[i].append(out.pred_original_sample)
    return cache.decode(vae, x) if vae is not None else x


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--vae", help="another VAE than the model's")
    p.add_argument("--prompts", required=True)
    p.add_argument("--seeds", type=int, default=2)
    p.add_argument("--first-seed", type=int, default=0)
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--guidance", type=float, default=3.)
    p.add_argument("--eta", type=float, default=1.)
    p.add_argument("--batch", type=int, default=40)
    p.add_argument("--bfloat16", action="store_true", help="autocast: faster, the verdicts hardly move")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    unet, text = models.load_diffusion(a.model)
    vae = models.load_vae(a.vae or os.path.join(a.model, "vae")).eval()
    unet.eval(), text.eval()
    scheduler = DDIMScheduler.from_pretrained(os.path.join(a.model, "scheduler"))
    words = world.Words(os.path.join(a.model, "tokenizer"))
    prompts = [json.loads(line) for line in open(a.prompts)]
    todo = [(i, s) for s in range(a.first_seed, a.first_seed + a.seeds) for i in range(len(prompts))]
    os.makedirs(a.out, exist_ok=True)
    rows, images = [], []
    for k in range(0, len(todo), a.batch):
        part = todo[k:k + a.batch]
        ids = words([prompts[i]["prompt"] for i, _ in part])
        with torch.autocast("cpu", torch.bfloat16, enabled=a.bfloat16):
            pictures = generate(unet, text, vae, scheduler, ids, [1000003 * s + i for i, s in part],
                                a.steps, a.guidance, a.eta)
        for (i, s), im in zip(part, pictures):
            name = f"{i:04d}-{s:02d}.png"
            Image.fromarray(im).save(os.path.join(a.out, name))
            rows.append({"file": name, "seed": s, **prompts[i]})
        images += list(pictures[:max(0, len(prompts) - k)])
    with open(os.path.join(a.out, "images.jsonl"), "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)
    columns = -(-len(prompts) // 6)
    sheet = np.zeros((6 * 66, columns * 66, 3), np.uint8)
    for i, im in enumerate(images[:len(prompts)]):
        y, x = i // columns * 66, i % columns * 66
        sheet[y:y + 64, x:x + 64] = im
    Image.fromarray(sheet).save(os.path.join(a.out, "sheet.png"))


if __name__ == "__main__":
    main()
