# SPDX-License-Identifier: Apache-2.0
"""Pictures for the judge that are not clean renders: VAE round trips, x0 predictions of the UNet, and its generations.

    python views.py --model MODEL --data DATA --out VIEWS --sorts trip predict --shards 3
    python views.py --model MODEL --data DATA --out VIEWS --sorts generate --shards 2 --size 500 --first 3

trip: decoded latents with a little noise. predict: one-step predictions of x0 from noised latents, t 100-850, half of them
guided. generate: sampled pictures, and predictions on the way to them, labelled with what verify.py finds at the end.
"""
import argparse
import os
import time

import numpy as np
import torch
from diffusers import DDIMScheduler

import cache
import models
import verify
import world
from evaluate import generate

KEEP = {5: 800, 10: 600, 15: 400, 20: 200}            # of 25 steps: about these timesteps


@torch.no_grad()
def predict(unet, text, z, ids, t, alpha, guided, batch=50):
    out = []
    empty = torch.full((1, 24), 644)
    empty[0, 0] = 643
    for i in range(0, len(z), batch):
        zz, tt, g = z[i:i + batch], t[i:i + batch], guided[i:i + batch].float()[:, None, None, None]
        s, c = alpha[tt].sqrt()[:, None, None, None], (1 - alpha[tt]).sqrt()[:, None, None, None]
        x = s * zz + c * torch.randn_like(zz)
        v = unet(x, tt, text(ids[i:i + batch]).last_hidden_state).sample
        u = unet(x, tt, text(empty).last_hidden_state.expand(len(x), -1, -1)).sample
        v = v + g * 2 * (v - u)
        out.append(s * x - c * v)
    return torch.cat(out)


def from_objects(found):
    """Scene arrays (six objects at most) from verify.py's objects."""
    n = len(found)
    d = {"shape": np.full((n, 6), -1, np.int8), "colour": np.full((n, 6), -1, np.int8)}
    d.update({k: np.zeros((n, 6), np.float32) for k in ("x", "y")}, r=np.ones((n, 6), np.float32))
    for i, objects in enumerate(found):
        for j, o in enumerate(objects[:6]):
            k = world.SHAPES.index(o["class"])
            e, b = world.EXTENT[k], o["box"]
            r = (b[2] - b[0]) / (e[2] - e[0])
            d["shape"][i, j], d["colour"][i, j] = k, world.COLOURS.index(o["color"])
            d["x"][i, j], d["y"][i, j], d["r"][i, j] = b[0] - e[0] * r, b[1] - e[1] * r, r
    return d


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--vae")
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--sorts", nargs="+", default=["trip", "predict"])
    p.add_argument("--shards", type=int, default=3)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--size", type=int, default=1000)
    p.add_argument("--seed", type=int, default=2140)
    a = p.parse_args()
    torch.set_num_threads(1)
    unet, text = models.load_diffusion(a.model)
    vae = models.load_vae(a.vae or os.path.join(a.model, "vae")).eval()
    unet.eval(), text.eval()
    scheduler = DDIMScheduler.from_pretrained(os.path.join(a.model, "scheduler"))
    alpha = scheduler.alphas_cumprod
    os.makedirs(a.out, exist_ok=True)
    for n in range(a.first, a.first + a.shards):
        with np.load(os.path.join(a.data, f"scenes-{n:03d}.npz")) as z:
            part = {k: z[k] for k in z.files if k != "images"}
        for sort in a.sorts:
            name = os.path.join(a.out, f"{sort}-{n:03d}.npz")
            if os.path.exists(name):
                continue
            begin = time.time()
            rng = np.random.default_rng([a.seed, n, len(sort)])
            torch.manual_seed(a.seed + n)
            i = rng.choice(len(part["latents"]), a.size, replace=False)
            latents, ids = torch.from_numpy(part["latents"][i]).float(), torch.from_numpy(part["ids"][i, 0]).long()
            scene = {k[6:]: v[i] for k, v in part.items() if k.startswith("scene_")}
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                if sort == "trip":
                    images = cache.decode(vae, latents + .06 * torch.rand(len(i), 1, 1, 1) * torch.randn_like(latents))
                elif sort == "predict":
                    t = torch.randint(100, 850, (len(i),))
                    images = cache.decode(vae, predict(unet, text, latents, ids, t, alpha, torch.rand(len(i)) < .5))
                else:
                    images, found = [], []
                    for j in range(0, len(i), 50):
                        keep = {k: [] for k in KEEP}
                        final = generate(unet, text, vae, scheduler, ids[j:j + 50].numpy(),
                                         [a.seed * 1000 + n * 100000 + j + q for q in range(len(ids[j:j + 50]))], 25, keep=keep)
                        objects = [verify.objects(im) for im in final]
                        images.append(final)
                        found += objects
                        for k in rng.choice(list(KEEP), 2, replace=False):
                            images.append(cache.decode(vae, keep[k][0].float()))
                            found += objects
                    images, scene = np.concatenate(images), from_objects(found)
            np.savez(name + ".tmp.npz", images=images, **{"scene_" + k: v for k, v in scene.items()})
            os.replace(name + ".tmp.npz", name)
            print(name, f"{time.time() - begin:.0f}s", flush=True)


if __name__ == "__main__":
    main()
