# SPDX-License-Identifier: Apache-2.0
"""Distil a model into one step: noise and caption to a latent in a single evaluation of the UNet, guidance included.

    python distill.py --model MODEL --data DATA --out RUN --minutes 70

Distribution matching distillation (Yin et al. 2024, "One-step Diffusion with Distribution Matching Distillation"). Student and
critic start as the teacher's UNet. The student is only ever asked at t = 999: x0 = alpha z - sigma v. Its samples are noised to a
random level; the teacher, guided, says where they should have come from, the critic, which is trained on the student's samples
meanwhile, where they do come from; the student moves along the difference, scaled for each sample as in the paper's equation 8.
One evaluation of the critic serves both its own loss and the student's. The regression on pairs of the first paper is left out,
as in the second (DMD2); captions are those of the data, its pictures are not used. Captions come in pairs, so that it can be
logged how much two noises differ (spread, against two scenes of the data).
"""
import argparse
import copy
import os

import numpy as np
import torch
import torch.nn.functional as F

import models
import training
import world
from train_unet import Data

ALPHA = models.scheduler().alphas_cumprod
LAST = 999


def level(t):
    return ALPHA[t].sqrt()[:, None, None, None], (1 - ALPHA[t]).sqrt()[:, None, None, None]


def one_step(unet, z, context):
    t = torch.full((len(z),), LAST)
    s, n = level(t)
    return s * z - n * unet(z, t, context).sample


@torch.no_grad()
def guided(teacher, x, t, context, empty, guidance):
    """The teacher's guided prediction of x0."""
    u, c = teacher(torch.cat([x, x]), torch.cat([t, t]), torch.cat([empty.expand_as(context), context])).sample.chunk(2)
    s, n = level(t)
    return s * x - n * (u + guidance * (c - u))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True, help="the teacher; text encoder and VAE stay as they are")
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--init", help="a run to take the student from")
    p.add_argument("--minutes", type=float, default=70)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--critic-lr", type=float, default=4e-4)
    p.add_argument("--head-start", type=int, default=15, help="steps of the critic before the student's first")
    p.add_argument("--flat", type=float, default=.7)
    p.add_argument("--ema", type=float, default=.98)
    p.add_argument("--guidance", type=float, default=3.)
    p.add_argument("--seed", type=int, default=2160)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    teacher, text = models.load_diffusion(a.model)
    teacher.eval().requires_grad_(False), text.eval().requires_grad_(False)
    student, critic = copy.deepcopy(teacher).requires_grad_(True), copy.deepcopy(teacher).requires_grad_(True)
    if a.init:
        import export
        export.averaged(a.init, [student])
    params, opt = training.optimizer([student], a.lr, weight_decay=0.)
    critic_params, critic_opt = training.optimizer([critic], a.critic_lr, weight_decay=0.)
    ema = training.Ema(params, a.ema)
    run = training.Run(a.out, a.minutes, [student], opt, ema, a.seed, extra=dict(critic=critic, critic_opt=critic_opt))
    with torch.no_grad():
        empty = text(torch.from_numpy(world.Words(os.path.join(a.model, "tokenizer"))([""]))).last_hidden_state
    data, sums, half = Data(a.data), {}, a.batch // 2
    while run.tick() < 1:
        lr = run.set_lr(a.lr, warm=30, flat=a.flat)
        real, ids = data.batch(a.batch)[:2]
        ids[half:2 * half] = ids[:half]
        with torch.no_grad():
            context = text(ids).last_hidden_state
        x = one_step(student, torch.randn_like(real), context)
        clean, noise = x.detach(), torch.randn_like(real)
        t = ((torch.randperm(a.batch) + torch.rand(a.batch)) / a.batch * 960 + 20).long()
        s, n = level(t)
        noised = s * clean + n * noise
        v = critic(noised, t, context).sample
        critic_loss = F.mse_loss(v, s * noise - n * clean)
        critic_loss.backward()
        torch.nn.utils.clip_grad_norm_(critic_params, 1.)
        critic_opt.step()
        critic_opt.zero_grad()
        target = guided(teacher, noised, t, context, empty, a.guidance)
        away = (s * noised - n * v.detach() - target) / (clean - target).abs().mean((1, 2, 3), keepdim=True)
        if not torch.isfinite(away).all():
            raise SystemExit(f"gradient is not finite at step {run.step}")
        run.step += 1
        if run.step > a.head_start:
            x.backward(away / x.numel())
            norm = torch.nn.utils.clip_grad_norm_(params, 1.)
            opt.step()
            opt.zero_grad()
            ema.update()
            spread = (clean[:half] - clean[half:2 * half]).square().mean().sqrt() \
                / (real[:half] - real[half:2 * half]).square().mean().sqrt()
            for k, q in dict(critic=critic_loss, away=away.abs().mean(), distance=(clean - target).abs().mean(),
                             spread=spread, size=clean.std(), norm=norm).items():
                sums.setdefault(k, []).append(float(q.detach()))
        if run.step % 25 == 0:
            run.log(lr=lr, **{k: np.mean(q) for k, q in sums.items()})
            sums = {}
    run.save()
    print("done", run.step, flush=True)


if __name__ == "__main__":
    main()
