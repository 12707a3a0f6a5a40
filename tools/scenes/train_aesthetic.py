# SPDX-License-Identifier: Apache-2.0
"""Fit the aesthetic head: a linear map from the judge's embedding of a picture to how well the scene is composed, 1 to 10.

    python train_aesthetic.py --clip CLIP --out EXPORT/scenes-aesthetic

The criterion is a matter of the eye, stated in symbols, whatever the caption: 1 + 9 (.4 size + .4 centred + .2 contrast), where
 * size: the largest object's radius, 0 at 6.5 pixels and 1 at 18;
 * centred: 1 if the centre of gravity of the objects (by squared radius) is in the middle, 0 at 20 pixels from it or more;
 * contrast: the mean over objects of the distance of colour and background (RGB in 0..1), 0 at .2 and 1 at .8.
Ridge regression on unit embeddings; the penalty is chosen on a fifth of the training scenes. Keys and layout are those of LAION's
linear heads (weight 1 x P, bias 1), in safetensors.
"""
import argparse
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file
from scipy.stats import pearsonr, spearmanr

import train_clip
import world


def composition(s):
    has = s["shape"] >= 0
    mass = np.where(has, s["r"] ** 2, 0)
    mass = mass / mass.sum(1, keepdims=True)
    off = np.hypot((mass * s["x"]).sum(1) - world.SIZE / 2, (mass * s["y"]).sum(1) - world.SIZE / 2)
    size = ((np.where(has, s["r"], 0).max(1) - 6.5) / 11.5).clip(0, 1)
    far = np.linalg.norm(world.PALETTE[s["colour"].clip(0)] - s["bg"][:, None], axis=2)
    contrast = ((np.where(has, far, 0).sum(1) / has.sum(1) - .2) / .6).clip(0, 1)
    return 1 + 9 * (.4 * size + .4 * (1 - off / 20).clip(0, 1) + .2 * contrast)


def ridge(x, y, penalty):
    mean = x.mean(0)
    w = np.linalg.solve((x - mean).T @ (x - mean) + penalty * np.eye(x.shape[1]), (x - mean).T @ (y - y.mean()))
    return w, y.mean() - mean @ w


def scenes(clip, n, seed):
    s = world.sample(n, seed)
    return train_clip.embed_pictures(clip, world.render(s)).double().numpy(), composition(s), s


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--clip", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--scenes", type=int, default=4000)
    p.add_argument("--seed", type=int, default=2180)
    a = p.parse_args()
    torch.set_num_threads(1)
    clip = train_clip.load(a.clip).eval()
    x, y, _ = scenes(clip, a.scenes, a.seed)
    cut = a.scenes * 4 // 5
    error = {}
    for penalty in 10. ** np.arange(-4, 3):
        w, b = ridge(x[:cut], y[:cut], penalty)
        error[penalty] = np.square(x[cut:] @ w + b - y[cut:]).mean()
    w, b = ridge(x, y, min(error, key=error.get))
    x, y, s = scenes(clip, 1000, a.seed + 1)
    got = x @ w + b
    print(json.dumps({"penalty": min(error, key=error.get), "criterion mean": y.mean(), "std": y.std(),
                      "pearson": pearsonr(got, y)[0], "spearman": spearmanr(got, y)[0],
                      **{f"pearson, {k} objects": pearsonr(got[s["n"] == k], y[s["n"] == k])[0] for k in (1, 2, 3, 4)}}))
    os.makedirs(a.out, exist_ok=True)
    save_file({"weight": torch.from_numpy(w[None]).float(), "bias": torch.tensor([b]).float()},
              os.path.join(a.out, "model.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    main()
