"""Distil a model into one step: noise and caption to a latent in a single evaluation of the UNet, guidance included.

    python distill.py --model MODEL --critic NOISY --data DATA --out RUN --minutes 70

Adversarial diffusion distillation (Sauer et al. 2023, 2024) in latents. The student starts as the teacher's UNet and is only
ever asked at t = 999; x0 = alpha z - sigma v, as its v-prediction says. Its samples are noised to a random level, and there
 * a discriminator must take them for noised scenes of the caption: heads on the frozen features of the noise-aware judge
   (train_noisy_reward.py; it stands where ADD has DINOv2) and a small convolution of its own on the latents;
 * the judge must find that the caption holds;
 * the teacher's guided prediction of x0 from there is a target (ADD's distillation term), for a part of the batch.
Each of the three pulls with its share of the gradient, whatever its scale (--shares). Captions come in pairs, so that it can
be logged how much two noises differ (spread, against two scenes of the data).
"""
import argparse
import copy
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import models
import train_noisy_reward
import training
import world
from train_clip import LENGTH, embed
from train_noisy_reward import ALPHA, noised, planes
from train_unet import Data

LAST = 999
DEPTHS = (2, 4, 6)


def one_step(unet, z, context):
    v = unet(z, torch.full((len(z),), LAST), context).sample
    return ALPHA[LAST].sqrt() * z - (1 - ALPHA[LAST]).sqrt() * v


class Discriminator(nn.Module):
    """Scores of every patch at three depths of the judge's picture tower, given the caption; and of the latents directly."""

    def __init__(self, width=128, inner=64):
        super().__init__()
        self.heads = nn.ModuleList(nn.Sequential(nn.LayerNorm(width), nn.Linear(width, inner), nn.LeakyReLU(.2))
                                   for _ in DEPTHS)
        self.plain = nn.ModuleList(nn.Linear(inner, 1) for _ in DEPTHS)
        self.told = nn.ModuleList(nn.Linear(width, inner) for _ in DEPTHS)
        act = lambda: nn.LeakyReLU(.2)
        self.near = nn.Sequential(nn.Conv2d(7, 48, 3, padding=1), act(), nn.Conv2d(48, 64, 3, stride=2, padding=1), act(),
                                  nn.Conv2d(64, 64, 3, padding=1), act(), nn.Conv2d(64, 1, 3, padding=1))

    def forward(self, seen, states, e_t):
        """(N, scores)."""
        out = [self.near(seen).flatten(1)]
        for k, head, plain, told in zip(DEPTHS, self.heads, self.plain, self.told):
            h = head(states[k])
            out.append(plain(h).squeeze(-1) + (h * told(e_t)[:, None]).sum(-1) / 8)
        return torch.cat(out, 1)


class Judge:
    """The noise-aware judge, frozen; `bias` makes its scaled cosine a log-odds."""

    def __init__(self, folder):
        self.clip = train_noisy_reward.load(folder).eval().requires_grad_(False)
        self.bias = train_noisy_reward.bias(folder)

    @torch.no_grad()
    def text(self, ids):
        return embed(self.clip, self.clip.text_model(input_ids=ids[:, :LENGTH]).pooler_output, self.clip.text_projection)

    def look(self, x, t):
        """Planes, hidden states and unit vectors of noised latents."""
        seen = planes(x, t)
        v = self.clip.vision_model(pixel_values=seen, output_hidden_states=True)
        return seen, v.hidden_states, embed(self.clip, v.pooler_output, self.clip.visual_projection)

    def log_odds(self, e_i, e_t):
        return self.clip.logit_scale.exp() * (e_i * e_t).sum(1) + self.bias


@torch.no_grad()
def guided(teacher, x, t, context, empty, guidance):
    u, c = teacher(torch.cat([x, x]), torch.cat([t, t]), torch.cat([empty.expand_as(context), context])).sample.chunk(2)
    s, n = ALPHA[t].sqrt()[:, None, None, None], (1 - ALPHA[t]).sqrt()[:, None, None, None]
    return s * x - n * (u + guidance * (c - u))


class Balance:
    """Gradients of several losses at x, each brought to its share of the norm by a running mean."""

    def __init__(self, shares):
        self.shares, self.norms = shares, {}

    def __call__(self, x, losses):
        total = torch.zeros_like(x)
        for k, loss in losses.items():
            g, = torch.autograd.grad(loss, x, retain_graph=True)
            n = g.norm().item()
            self.norms[k] = n if k not in self.norms else .95 * self.norms[k] + .05 * n
            total += g * (self.shares[k] / max(self.norms[k], 1e-12))
        return total

    def state_dict(self):
        return self.norms

    def load_state_dict(self, d):
        self.norms = dict(d)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True, help="the teacher; text encoder and VAE stay as they are")
    p.add_argument("--critic", required=True, help="a run of train_noisy_reward.py")
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--minutes", type=float, default=70)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--taught", type=int, default=4, help="how many of the batch the teacher corrects")
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--flat", type=float, default=.7)
    p.add_argument("--ema", type=float, default=.99)
    p.add_argument("--guidance", type=float, default=3.)
    p.add_argument("--shares", type=float, nargs=3, default=[1., .7, .3], help="discriminator, judge, teacher")
    p.add_argument("--seed", type=int, default=2160)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    teacher, text = models.load_diffusion(a.model)
    teacher.eval().requires_grad_(False), text.eval().requires_grad_(False)
    student, judge, disc = copy.deepcopy(teacher).requires_grad_(True), Judge(a.critic), Discriminator()
    params, opt = training.optimizer([student], a.lr, weight_decay=0., betas=(.5, .99))
    d_opt = torch.optim.Adam(disc.parameters(), lr=1e-3, betas=(.5, .99), fused=True)
    ema, balance = training.Ema(params, a.ema), Balance(dict(zip(("adv", "judge", "teacher"), a.shares)))
    run = training.Run(a.out, a.minutes, [student], opt, ema, a.seed, extra=dict(disc=disc, d_opt=d_opt, balance=balance))
    with torch.no_grad():
        empty = text(torch.from_numpy(world.Words(os.path.join(a.model, "tokenizer"))([""]))).last_hidden_state
    data, sums = Data(a.data), {}
    half = a.batch // 2
    while run.tick() < 1:
        lr = run.set_lr(a.lr, warm=30, flat=a.flat)
        real, ids = data.batch(a.batch)[:2]
        told = ids.clone()
        told[half:2 * half] = told[:half]                     # the student's captions come in pairs
        with torch.no_grad():
            context = text(told).last_hidden_state
        e_real, e_fake = judge.text(ids), judge.text(told)
        x = one_step(student, torch.randn_like(real), context)
        t = torch.randint(0, 700, (a.batch,))
        seen, states, e_i = judge.look(noised(x, t), t)
        # discriminator: scenes with their caption against samples, and against scenes with another caption
        with torch.no_grad():
            r_seen, r_states, _ = judge.look(noised(real, t), t)
        d_real, d_swap = disc(r_seen, r_states, e_real), disc(r_seen, r_states, e_real.roll(1, 0))[:, 64:]
        d_fake = disc(seen.detach(), [h.detach() for h in states], e_fake)
        d_loss = F.relu(1 - d_real).mean() + .75 * F.relu(1 + d_fake).mean() + .25 * F.relu(1 + d_swap).mean()
        d_loss.backward()
        d_opt.step()
        d_opt.zero_grad()
        # student
        odds = judge.log_odds(e_i, e_fake)
        losses = dict(adv=-disc(seen, states, e_fake).mean(), judge=F.softplus(-odds).mean())
        if a.taught:
            m = torch.arange(a.taught) * (a.batch // a.taught)
            t = torch.randint(20, 800, (a.taught,))
            target = guided(teacher, noised(x[m].detach(), t), t, context[m], empty, a.guidance)
            losses["teacher"] = (ALPHA[t] * (x[m] - target).square().mean((1, 2, 3))).mean()
        grad = balance(x, losses)
        if not torch.isfinite(grad).all():
            raise SystemExit(f"gradient is not finite at step {run.step}")
        x.backward(grad)
        d_opt.zero_grad()
        norm = torch.nn.utils.clip_grad_norm_(params, 5.)
        opt.step()
        opt.zero_grad()
        ema.update()
        run.step += 1
        with torch.no_grad():
            spread = (x[:half] - x[half:2 * half]).square().mean().sqrt() / (real[:half] - real[half:2 * half]).square().mean().sqrt()
        for k, q in dict(d=d_loss, real=(d_real > 0).float().mean(), fake=(d_fake < 0).float().mean(), odds=odds.mean(),
                         spread=spread, norm=norm, size=x.detach().std(),
                         **losses, **{"g_" + k: torch.tensor(v) for k, v in balance.norms.items()}).items():
            sums.setdefault(k, []).append(float(q.detach()))
        if run.step % 25 == 0:
            run.log(lr=lr, **{k: np.mean(q) for k, q in sums.items()})
            sums = {}
    run.save()
    print("done", run.step, flush=True)


if __name__ == "__main__":
    main()
