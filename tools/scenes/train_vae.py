# SPDX-License-Identifier: Apache-2.0
"""Train the VAE: all of it from nothing, or its decoder alone (then latents, and with them the UNet, stay valid).

    python train_vae.py --data DATA --out RUN --minutes 40                              # joint, from nothing
    python train_vae.py --data DATA --out RUN --minutes 25 --init MODEL/vae --decoder-only

The decoder is trained on latents with a little noise, as the UNet's are never exact, and errors on objects weigh more the
nearer the object's colour is to the background. RUN/model is the averaged model at the end.
"""
import argparse
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F

import models
import training
import world
from cache import decode, encode, to_tensor


class Data:
    def __init__(self, folder, latents):
        self.folder, self.latents, self.names, self.shards = folder, latents, [], []
        self.rng = np.random.default_rng()

    def look(self):
        for n in sorted(glob.glob(os.path.join(self.folder, "scenes-???.npz"))):
            if n not in self.names:
                with np.load(n) as z:
                    d = {k[6:]: z[k] for k in z.files if k.startswith("scene_")}
                    d["images"] = z["images"]
                    if self.latents:
                        d["latents"] = z["latents"]
                self.names.append(n)
                self.shards.append(d)

    def batch(self, n, seed):
        r = np.random.default_rng(seed)
        d = self.shards[r.integers(len(self.shards))]
        i = r.integers(len(d["images"]), size=n)
        return {k: v[i] for k, v in d.items()}


def object_weight(b, strength=2.):
    """(N,1,64,64): 1 on the background, more around objects, most where the contrast is low; mean about 1."""
    p = np.arange(64, dtype=np.float32) + .5
    w = np.ones((len(b["n"]), 64, 64), np.float32)
    for i in range(4):
        has = b["shape"][:, i] >= 0
        contrast = np.abs(world.PALETTE[b["colour"][:, i]] - b["bg"]).mean(1)
        gain = strength * np.clip(.35 / contrast, 1, 3)
        near = np.hypot(p[None, None, :] - b["x"][:, i, None, None], p[None, :, None] - b["y"][:, i, None, None]) \
            < 1.25 * b["r"][:, i, None, None] + 1
        w += np.where(near & has[:, None, None], gain[:, None, None], 0)
    return torch.from_numpy(w / w.mean((1, 2), keepdims=True))[:, None]


def picture_loss(y, x, w):
    """On [0,1]: L1 + 5 MSE + L1 of the gradients, weighted."""
    y, x = y / 2 + .5, x / 2 + .5
    e = y - x
    gx, gy = (e[..., 1:] - e[..., :-1]).abs(), (e[..., 1:, :] - e[..., :-1, :]).abs()
    return (w * (e.abs() + 5 * e * e)).mean() + (w[..., 1:] * gx).mean() + (w[..., 1:, :] * gy).mean()


def psnr(vae, images):
    """Mean over pictures, of the round trip through the posterior mode."""
    z = encode(vae, images)
    e = (decode(vae, z).astype(np.float32) - images) / 255
    return float(np.mean(-10 * np.log10((e ** 2).mean((1, 2, 3)))))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--init")
    p.add_argument("--decoder-only", action="store_true")
    p.add_argument("--minutes", type=float, default=25)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--flat", type=float, default=.3)
    p.add_argument("--kl", type=float, default=2e-4)
    p.add_argument("--noise", type=float, default=.12, help="largest deviation of the noise on (scaled) latents")
    p.add_argument("--seed", type=int, default=2120)
    a = p.parse_args()
    torch.set_num_threads(1)
    vae = models.load_vae(a.init)
    if a.decoder_only:
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    params, opt = training.optimizer([vae], a.lr)
    ema = training.Ema(params, .995)
    run = training.Run(a.out, a.minutes, [vae], opt, ema, a.seed)
    data = Data(a.data, a.decoder_only)
    check = world.render(world.sample(128, 999))
    total = []
    while run.tick() < 1:
        if run.step % 200 == 0:
            data.look()
        b = data.batch(a.batch, [a.seed, run.step])
        x, w = to_tensor(b["images"]), object_weight(b)
        lr = run.set_lr(a.lr, warm=60, flat=a.flat)
        with torch.autocast("cpu", torch.bfloat16):
            if a.decoder_only:
                z = torch.from_numpy(b["latents"]).float()
                z = z + torch.randn_like(z) * (a.noise * torch.rand(len(z), 1, 1, 1) ** 1.5)
                kl = 0.
                y = vae.decode(z / vae.config.scaling_factor).sample
            else:
                q = vae.encode(x).latent_dist
                kl = a.kl * q.kl().mean()
                y = vae.decode(q.sample()).sample
        loss = picture_loss(y.float(), x, w) + kl
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.)
        opt.step()
        opt.zero_grad()
        ema.update()
        run.step += 1
        total.append(loss.item())
        if run.step % 50 == 0:
            more = {}
            if run.step % 250 == 0:
                ema.swap()
                more["psnr"] = psnr(vae, check)
                ema.swap()
            run.log(loss=np.mean(total), lr=lr, **more)
            total = []
    run.save()
    ema.swap()
    if not a.decoder_only:
        vae.register_to_config(scaling_factor=float(1 / encode(vae, check).std()))
    vae.save_pretrained(os.path.join(a.out, "model"))
    print("done", run.step, "psnr", psnr(vae, check), flush=True)


if __name__ == "__main__":
    main()
