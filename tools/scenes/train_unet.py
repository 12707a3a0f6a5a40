# SPDX-License-Identifier: Apache-2.0
"""Train UNet and text encoder on cached latents (cache.py): v-prediction, one thread, for a budget of wall minutes.

    python train_unet.py --data DATA --out RUN --minutes 110 [--init MODEL]

Without --init it starts from nothing. RUN/checkpoint.pt is written every three minutes; the same command resumes.

Besides the usual loss, two heads that are thrown away must say, from the UNet's 8 x 8 features after the middle and after the
last attention of that size, which shape and which colour is under each cell. What the noise hides they can only take from
the caption, which teaches the UNet to bind words to places much earlier than the pixels do.
"""
import argparse
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import models
import training
from cache import VARIANTS
from train_clip import patch_targets


class Data:
    """Latents and token ids of all shards there are; looks for new ones each time it is exhausted."""

    def __init__(self, folder):
        self.folder, self.names = folder, []
        self.latents, self.ids = torch.zeros(0, 4, 16, 16, dtype=torch.half), torch.zeros(0, VARIANTS, 24, dtype=torch.int16)
        self.shape, self.colour = (torch.zeros(0, 64, dtype=torch.int8) for _ in range(2))
        self.order = torch.zeros(0, dtype=torch.long)

    def look(self):
        new = [n for n in sorted(glob.glob(os.path.join(self.folder, "scenes-???.npz"))) if n not in self.names]
        for n in new:
            with np.load(n) as z:
                self.latents = torch.cat([self.latents, torch.from_numpy(z["latents"])])
                self.ids = torch.cat([self.ids, torch.from_numpy(z["ids"])])
                shape, colour, _ = patch_targets({k: z["scene_" + k] for k in ("shape", "colour", "x", "y", "r")})
                self.shape, self.colour = torch.cat([self.shape, shape.char()]), torch.cat([self.colour, colour.char()])
        self.names += new

    def batch(self, n):
        if len(self.order) < n:
            self.look()
            self.order = torch.randperm(len(self.latents))
        i, self.order = self.order[:n], self.order[n:]
        return (self.latents[i].float(), self.ids[i, torch.randint(VARIANTS, (n,))].long(),
                self.shape[i].long(), self.colour[i].long())


class Heads(nn.Module):
    """What is under each cell: 11 shapes (or none) and 11 colours, from two places of the UNet."""

    def __init__(self, unet, width=128):
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(width, 22, 1) for _ in range(2))
        self.seen = [None, None]
        unet.mid_block.register_forward_hook(lambda m, i, o: self.keep(0, o))
        unet.up_blocks[0].attentions[-1].register_forward_hook(lambda m, i, o: self.keep(1, o[0]))

    def keep(self, k, features):
        self.seen[k] = features

    def forward(self, shape, colour):
        loss = 0.
        for head, features in zip(self.heads, self.seen):
            y = head(F.group_norm(features.float(), 1)).flatten(2)
            weight = torch.where(shape < 10, 1., .25)
            e = F.cross_entropy(y[:, :11], shape, reduction="none") + F.cross_entropy(y[:, 11:], colour, reduction="none")
            loss = loss + (e * weight).sum() / weight.sum()
        return loss


def timesteps(n, uniform=.2, mean=.3, std=1.1):
    """Stratified; a mixture of a logit-normal and, so that the first sampling steps are learnt too, a uniform law."""
    u = (torch.randperm(n) + torch.rand(n)) / n
    v = (torch.randperm(n) + torch.rand(n)) / n
    t = torch.where(v < uniform, u, torch.sigmoid(mean + std * torch.special.ndtri(u.clamp(1e-4, 1 - 1e-4))))
    return (t * 1000).long().clamp(0, 999)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--init")
    p.add_argument("--minutes", type=float, default=110)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--flat", type=float, default=.45, help="share of the budget before the cosine")
    p.add_argument("--ema", type=float, default=.999)
    p.add_argument("--dropout", type=float, default=.1, help="share of empty captions")
    p.add_argument("--bind", type=float, default=.06, help="weight of the thrown-away heads; fades out at .7-.9 of the budget")
    p.add_argument("--float32", action="store_true", help="no bfloat16 autocast")
    p.add_argument("--seed", type=int, default=2110)
    a = p.parse_args()
    torch.set_num_threads(1)
    unet, text = models.load_diffusion(a.init)
    unet.train(), text.train()
    params, opt = training.optimizer([unet, text], a.lr)
    ema = training.Ema(params, a.ema)
    heads = Heads(unet)
    head_opt = torch.optim.AdamW(heads.parameters(), lr=2e-3, betas=(.9, .99), fused=True)
    run = training.Run(a.out, a.minutes, [unet, text], opt, ema, a.seed, extra=dict(heads=heads, head_opt=head_opt))
    alpha = models.scheduler().alphas_cumprod
    empty = torch.full((24,), 644)
    empty[0] = 643
    data = Data(a.data)
    total, bound, deciles, count = [], [], torch.zeros(10), torch.zeros(10)
    while run.tick() < 1:
        x, ids, shape, colour = data.batch(a.batch)
        ids[torch.rand(len(ids)) < a.dropout] = empty
        t, noise = timesteps(len(x)), torch.randn_like(x)
        s, c = alpha[t].sqrt()[:, None, None, None], (1 - alpha[t]).sqrt()[:, None, None, None]
        lr = run.set_lr(a.lr, warm=200, flat=a.flat)
        with torch.autocast("cpu", torch.bfloat16, enabled=not a.float32):
            v = unet(s * x + c * noise, t, text(ids).last_hidden_state).sample
        each = F.mse_loss(v.float(), s * noise - c * x, reduction="none").mean((1, 2, 3))
        loss = each.mean()
        if not torch.isfinite(loss):
            raise SystemExit(f"loss is not finite at step {run.step}")
        bind = heads(shape, colour)
        fade = min(1., max(0., (.9 - run.used / run.budget) / .2))
        (loss + a.bind * fade * bind).backward()
        torch.nn.utils.clip_grad_norm_(params, 1.)
        opt.step()
        opt.zero_grad()
        head_opt.step()
        head_opt.zero_grad()
        ema.update()
        run.step += 1
        total.append(loss.item())
        bound.append(bind.item())
        d = (t // 100)
        deciles.index_add_(0, d, each.detach())
        count.index_add_(0, d, torch.ones(len(d)))
        if run.step % 100 == 0:
            run.log(loss=np.mean(total), bind=np.mean(bound), lr=lr, scenes=len(data.latents),
                    **{f"t{k}": m for k, m in enumerate((deciles / count.clamp(1)).tolist())})
            total, bound, deciles, count = [], [], torch.zeros(10), torch.zeros(10)
    run.save()
    print("done", run.step, flush=True)


if __name__ == "__main__":
    main()
