# SPDX-License-Identifier: Apache-2.0
"""Write a fixture of the noise-aware judge, to hold other implementations against: OUT/io.safetensors and OUT/meta.json.

    python golden_noisy.py --judge EXPORT/scenes-noisy-clip --vae MODEL/vae --out OUT

Rows are fresh scenes noised to several levels, each with a caption of its own. References are a float64 run of the stored
weights; a tolerance is 8 times the float32 noise floor (float32 run, and weights moved by one unit in the last place).
"""
import argparse
import copy
import json
import os

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

import cache
import claims
import models
import train_clip
import train_noisy_reward
import world

TIMES = [0, 250, 600, 950]


def run(judge, x, t, ids, cot):
    """Planes, both kinds of unit vectors, reward of each row with its caption, and its gradient at x."""
    dtype = judge.dtype
    x = x.to(dtype).requires_grad_()
    seen = train_noisy_reward.planes(x, t)
    unit = lambda v: v / v.norm(dim=-1, keepdim=True)
    e_i = unit(judge.visual_projection(judge.vision_model(pixel_values=seen).pooler_output))
    e_t = unit(judge.text_projection(judge.text_model(input_ids=ids).pooler_output))
    reward = judge.logit_scale.exp() * (e_i * e_t).sum(1)
    grad, = torch.autograd.grad((reward * cot.to(dtype)).sum(), x)
    return {"out.planes": seen, "out.image_embeds": e_i, "out.text_embeds": e_t, "out.reward": reward, "grad.x_t": grad}


def moved(judge, gen):
    """Float32 weights, each one unit in the last place away."""
    other = copy.deepcopy(judge)
    with torch.no_grad():
        for p in other.parameters():
            up = torch.randint(0, 2, p.shape, generator=gen).bool()
            p.copy_(torch.nextafter(p, torch.where(up, torch.inf, -torch.inf)))
    return other


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--judge", required=True)
    p.add_argument("--vae", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(2170)
    judge = train_noisy_reward.load(a.judge).eval()
    scenes = world.sample(len(TIMES), 2171)
    x0 = cache.encode(models.load_vae(a.vae).eval(), world.render(scenes))
    t = torch.tensor(TIMES)
    x = train_noisy_reward.noised(x0, t).detach()
    rng = np.random.default_rng(2172)
    texts = [claims.text(claims.true_claim(rng, scenes, i), False) for i in range(len(TIMES))]
    ids = torch.from_numpy(world.Words(a.judge)(texts))
    cot = torch.randn(len(TIMES))
    single = run(judge, x, t, ids, cot)
    near = run(moved(judge, torch.Generator().manual_seed(2173)), x, t, ids, cot)
    exact = run(judge.double(), x, t, ids, cot)
    tensors = {"in.x_t": x, "in.t": t, "in.input_ids": ids, "cot.reward": cot,
               **{k: v.detach().float().contiguous() for k, v in exact.items()}}
    tolerances = {}
    for k, v in exact.items():
        floor = max((single[k].double() - v).abs().max().item(), (near[k].double() - single[k].double()).abs().max().item())
        top = v.abs().max().item()
        tolerances[k] = {"atol": max(8 * floor, 1e-6 * top), "noise_max_abs": floor, "ref_max_abs": top}
    what = {"in.x_t": "noised latents as the UNet sees them: alpha_t x0 + sigma_t n", "in.t": "training timesteps",
            "in.input_ids": "captions: " + "; ".join(texts), "cot.reward": "cotangent of out.reward",
            "out.planes": "what the picture tower reads: x_t, and constant planes alpha_t, sigma_t, t / 1000",
            "out.image_embeds": "unit vectors", "out.text_embeds": "unit vectors",
            "out.reward": "logit_scale * cosine of row i with caption i", "grad.x_t": "d/dx_t of sum(out.reward * cot.reward)"}
    os.makedirs(a.out, exist_ok=True)
    save_file(tensors, os.path.join(a.out, "io.safetensors"))
    meta = {"name": "scenes_noisy_clip", "family": "models", "title": "noise-aware judge of scenes",
            "proves": "reward of a noised latent and its gradient",
            "tensors": {k: {"shape": list(v.shape), "dtype": str(v.dtype)[6:], "what": what[k]} for k, v in tensors.items()},
            "tolerance": tolerances, "class_name": "transformers.CLIPModel",
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__}}
    with open(os.path.join(a.out, "meta.json"), "w") as f:
        json.dump(meta, f, indent=1)
        f.write("\n")
    print(json.dumps(tolerances))


if __name__ == "__main__":
    main()
