# SPDX-License-Identifier: Apache-2.0
"""What the three trainers share: a schedule by wall time, EMA, and checkpoints that survive a kill."""
import json
import math
import os
import time

import torch


def lr_factor(progress, flat=.45):
    """1 until `flat` of the budget is used, then a cosine to 0."""
    if progress <= flat:
        return 1.0
    return .5 * (1 + math.cos(math.pi * min(1.0, (progress - flat) / (1 - flat))))


class Ema:
    def __init__(self, params, decay):
        self.decay, self.params = decay, list(params)
        self.shadow = [p.detach().clone() for p in self.params]
        self.n = 0

    @torch.no_grad()
    def update(self):
        self.n += 1
        d = min(self.decay, (1 + self.n) / (10 + self.n))
        torch._foreach_lerp_(self.shadow, [p.detach() for p in self.params], 1 - d)

    def swap(self):
        """Exchange weights and averages (call again to undo)."""
        for p, s in zip(self.params, self.shadow):
            keep = p.data.clone()
            p.data.copy_(s)
            s.copy_(keep)


def optimizer(modules, lr, weight_decay=.01, betas=(.9, .99)):
    params = [p for m in modules for p in m.parameters() if p.requires_grad]
    groups = [dict(params=[p for p in params if p.ndim > 1], weight_decay=weight_decay),
              dict(params=[p for p in params if p.ndim <= 1], weight_decay=0.)]
    return params, torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)


class Run:
    """Time budget, log and checkpoint of one training. Time counts on across restarts and while stopped by a signal."""

    def __init__(self, out, minutes, modules, opt, ema, seed, every=180, extra=None):
        os.makedirs(out, exist_ok=True)
        self.out, self.budget, self.modules, self.opt, self.ema = out, minutes * 60, modules, opt, ema
        self.step, self.used, self.every, self.extra = 0, 0., every, extra or {}
        self.file = os.path.join(out, "checkpoint.pt")
        torch.manual_seed(seed)
        if os.path.exists(self.file):
            c = torch.load(self.file, weights_only=False)
            for m, s in zip(modules, c["modules"]):
                m.load_state_dict(s)
            opt.load_state_dict(c["optimizer"])
            ema.shadow, ema.n = c["ema"], c["ema_n"]
            self.step, self.used = c["step"], c["used"]
            for k, v in self.extra.items():
                if k in c.get("extra", {}):
                    v.load_state_dict(c["extra"][k])
            torch.set_rng_state(c["rng"])
            print("resumed at step", self.step, flush=True)
        self.start = self.saved = time.time()
        self.before = self.used

    def tick(self):
        """Progress 0..1; saves when it is time to."""
        now = time.time()
        self.used = self.before + now - self.start
        if now - self.saved > self.every:
            self.save()
        return self.used / self.budget

    def set_lr(self, lr, warm=100, flat=.45):
        f = lr * lr_factor(self.used / self.budget, flat) * min(1, (self.step + 1) / warm)
        for g in self.opt.param_groups:
            g["lr"] = f
        return f

    def save(self):
        torch.save(dict(modules=[m.state_dict() for m in self.modules], optimizer=self.opt.state_dict(),
                        ema=self.ema.shadow, ema_n=self.ema.n, step=self.step, used=self.used,
                        extra={k: v.state_dict() for k, v in self.extra.items()},
                        rng=torch.get_rng_state()), self.file + ".tmp")
        os.replace(self.file + ".tmp", self.file)
        self.saved = time.time()

    def log(self, **row):
        row = dict(step=self.step, minutes=round(self.used / 60, 2),
                   **{k: round(float(v), 5) for k, v in row.items()})
        with open(os.path.join(self.out, "loss.jsonl"), "a") as f:
            f.write(json.dumps(row) + "\n")
        print(row, flush=True)
