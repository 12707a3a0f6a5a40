# SPDX-License-Identifier: Apache-2.0
"""Make scene sets and cache what the trainers read: images, latents (posterior mode, scaled) and token ids.

    python cache.py --vae MODEL/vae --tokenizer MODEL/tokenizer --out DATA --scenes 90000 --seed 2100

Writes DATA/scenes-000.npz, ... of 6000 scenes each, one at a time and whole (rename), so a trainer may start on the first.
Five captions are drawn for every scene; the trainer picks one of them each time it sees the scene.
"""
import argparse
import os
import time

import numpy as np
import torch

import world

VARIANTS = 5


def to_tensor(images):
    """(N,64,64,3) uint8 -> (N,3,64,64) float in [-1,1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float().div(127.5).sub(1).contiguous()


@torch.no_grad()
def encode(vae, images, batch=64):
    out = [vae.encode(to_tensor(images[i:i + batch])).latent_dist.mode() * vae.config.scaling_factor
           for i in range(0, len(images), batch)]
    return torch.cat(out)


@torch.no_grad()
def decode(vae, latents, batch=64):
    """Latents -> (N,64,64,3) uint8."""
    out = []
    for i in range(0, len(latents), batch):
        x = vae.decode(latents[i:i + batch] / vae.config.scaling_factor).sample
        out.append(((x / 2 + .5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(out)


def shard(seed, size, vae, words):
    scenes = world.sample(size, seed)
    images = world.render(scenes)
    ids = np.stack([words(world.captions(scenes, seed * 100 + v)) for v in range(VARIANTS)], 1).astype(np.int16)
    d = dict(images=images, ids=ids, **{"scene_" + k: v for k, v in scenes.items()})
    if vae is not None:
        d["latents"] = encode(vae, images).half().numpy()
    return d


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--vae")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--scenes", type=int, default=90000)
    p.add_argument("--shard", type=int, default=6000)
    p.add_argument("--seed", type=int, default=2100)
    a = p.parse_args()
    torch.set_num_threads(1)
    vae = None
    if a.vae:
        from diffusers import AutoencoderKL
        vae = AutoencoderKL.from_pretrained(a.vae, torch_dtype=torch.float32).eval()
    words = world.Words(a.tokenizer)
    os.makedirs(a.out, exist_ok=True)
    for k in range(-(-a.scenes // a.shard)):
        name = os.path.join(a.out, f"scenes-{k:03d}.npz")
        if os.path.exists(name):
            continue
        t = time.time()
        np.savez(name + ".tmp.npz", **shard(a.seed + k, min(a.shard, a.scenes - k * a.shard), vae, words))
        os.replace(name + ".tmp.npz", name)
        print(name, f"{time.time() - t:.1f}s", flush=True)


if __name__ == "__main__":
    main()
