# SPDX-License-Identifier: Apache-2.0
"""Train the noise-aware judge: a CLIPModel whose cosine says how likely a caption holds for what a noised latent becomes.

    python train_noisy_reward.py --data DATA --clip CLIP --out RUN --minutes 35
    python train_noisy_reward.py --check --out RUN|MODEL --clip CLIP --vae MODEL/vae        # accuracy by noise level

Its picture tower reads, instead of a picture, seven planes of 16 x 16 (see planes()): the noised latent and, constant over
each plane, the noise level. Everything else is as in train_clip.py, from which it starts: the same layers, 64 patches (here of
2 x 2 latents), the same claims and losses. The cross-entropy of "the claim holds" makes logit_scale * cosine, but for a
constant, the log-odds that the claim holds for the clean scene, given its noised latent: the noise-aware reward of the reward
"log-odds of the claim". The text tower is taken over and stays; both projections are trained.
"""
import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import claims
import models
import train_clip
import training
import world
from train_clip import LENGTH, PROJECTION, embed

ALPHA = models.scheduler().alphas_cumprod
CHANNELS = 7


def planes(x, t):
    """x (N,4,16,16): alpha_t x0 + sigma_t n, as the UNet sees it; t (N) in 0..999 -> (N,7,16,16).

    Planes 4-6 are constant: alpha_t, sigma_t (alpha_t^2 + sigma_t^2 = 1) and t / 1000.
    """
    level = torch.stack([ALPHA[t].sqrt(), (1 - ALPHA[t]).sqrt(), t / 1000], 1)
    return torch.cat([x, level[:, :, None, None].expand(-1, -1, 16, 16).to(x)], 1)


def noised(x0, t):
    return ALPHA[t].sqrt()[:, None, None, None] * x0 + (1 - ALPHA[t]).sqrt()[:, None, None, None] * torch.randn_like(x0)


def new_judge():
    from transformers import CLIPConfig, CLIPModel
    text = dict(models.TEXT, num_hidden_layers=2, projection_dim=PROJECTION)
    vision = dict(image_size=16, patch_size=2, num_channels=CHANNELS, hidden_size=128, intermediate_size=512,
                  num_attention_heads=4, num_hidden_layers=train_clip.LAYERS, hidden_act="quick_gelu",
                  projection_dim=PROJECTION)
    judge = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=PROJECTION))
    judge.set_attn_implementation("eager")
    return judge


def load(folder):
    """A judge's directory, or a run of this trainer (its average)."""
    if not os.path.exists(os.path.join(folder, "checkpoint.pt")):
        return train_clip.load(folder)
    judge = new_judge()
    print("step %d, minute %.1f" % train_clip.averaged(folder, judge))
    return judge


def bias(run):
    """What a run learnt to add to logit_scale * cosine for the log-odds among its pairs."""
    return torch.load(os.path.join(run, "checkpoint.pt"), weights_only=False)["modules"][2]["b"].item()


@torch.no_grad()
def warm(judge, clip, latents, images):
    """Take over all layers; the patch embedding of latents is the linear map that best predicts the pictures' one."""
    old = clip.state_dict()
    for k, v in judge.state_dict().items():
        if "patch_embedding" not in k:
            v.copy_(old[k])
    x = ((torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255) - train_clip.MEAN) / train_clip.STD
    want = clip.vision_model.embeddings.patch_embedding(x).flatten(2).transpose(1, 2).flatten(0, 1)
    seen = planes(torch.from_numpy(latents).float(), torch.zeros(len(latents), dtype=torch.long))
    seen = F.unfold(seen, 2, stride=2).transpose(1, 2).flatten(0, 1)
    gram = seen.T @ seen + 1e-3 * len(seen) * torch.eye(seen.shape[1])
    w = torch.linalg.solve(gram, seen.T @ want)
    print("share explained", float(1 - (seen @ w - want).square().mean() / (want - want.mean(0)).square().mean()))
    judge.vision_model.embeddings.patch_embedding.weight.copy_(w.T.reshape(-1, CHANNELS, 2, 2))


class Captions:
    """Pooled outputs of the (fixed) text tower, one row a claim and wording, computed when first asked for."""

    def __init__(self, judge, words):
        self.text, self.words, self.at, self.rows = judge.text_model, words, {}, torch.zeros(0, 128)

    @torch.no_grad()
    def __call__(self, said, bare):
        new = sorted({k for k in zip(said, bare)} - self.at.keys())
        if new:
            ids = torch.from_numpy(self.words([claims.text(*k) for k in new]))
            self.at.update({k: len(self.at) + j for j, k in enumerate(new)})
            self.rows = torch.cat([self.rows, self.text(input_ids=ids).pooler_output])
        return self.rows[[self.at[k] for k in zip(said, bare)]]


def draw_times(n, rng):
    """Stratified; half uniform, half in [200, 900)."""
    u = (rng.permutation(n) + rng.random(n)) / n
    return torch.from_numpy(np.where(rng.random(n) < .5, 1000 * u, 200 + 700 * u)).long()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data")
    p.add_argument("--clip", required=True, help="the judge of pictures, from which it starts; also the tokenizer")
    p.add_argument("--out", required=True)
    p.add_argument("--minutes", type=float, default=35)
    p.add_argument("--batch", type=int, default=48)
    p.add_argument("--lr", type=float, default=6e-4)
    p.add_argument("--flat", type=float, default=.4)
    p.add_argument("--seed", type=int, default=2150)
    p.add_argument("--check", action="store_true")
    p.add_argument("--scenes", type=int, default=1500, help="of --check")
    p.add_argument("--vae")
    a = p.parse_args()
    torch.set_num_threads(1)
    words = world.Words(a.clip, LENGTH)
    if a.check:
        return check(a, words)
    torch.manual_seed(a.seed)
    data = train_clip.Pictures(a.data, None, "latents")
    data.look()
    judge, heads, bias = new_judge(), train_clip.Heads(), nn.Module()
    bias.b = nn.Parameter(torch.tensor(-3.))
    if not os.path.exists(os.path.join(a.out, "checkpoint.pt")):
        with np.load(data.names[0]) as z:
            warm(judge, train_clip.load(a.clip), z["latents"][:1000], z["images"][:1000])
    judge.train()
    judge.text_model.requires_grad_(False)
    params, opt = training.optimizer([judge, heads, bias], a.lr, weight_decay=.02)
    ema = training.Ema(judge.parameters(), .995)
    run = training.Run(a.out, a.minutes, [judge, heads, bias], opt, ema, a.seed)
    captions = Captions(judge, words)
    sums, hits = {}, np.zeros((10, 2))
    while run.tick() < 1:
        rng = np.random.default_rng([a.seed, run.step])
        if run.step % 100 == 0:
            data.look()
        lr = run.set_lr(a.lr, warm=50, flat=a.flat)
        b = data.batch(a.batch, rng, 0)
        said, owner, hard = train_clip.write_claims(rng, b)
        truth = torch.from_numpy(claims.truth(b, said))
        t = draw_times(a.batch, rng)
        x = planes(noised(torch.from_numpy(b["latents"]).float(), t), t)
        v = train_clip.encode_states(judge, x)
        patch = heads.patch(judge.vision_model.post_layernorm(v.hidden_states[train_clip.BELOW][:, 1:]))
        things = heads.things(v.pooler_output).view(len(x), 10, 18)
        e_i = embed(judge, v.pooler_output, judge.visual_projection)
        e_t = embed(judge, captions(said, (rng.random(len(said)) < .15).tolist()), judge.text_projection)
        logits = judge.logit_scale.exp() * e_i @ e_t.T
        pair, rank, near = train_clip.pair_losses(logits, bias.b, truth, owner, hard)
        local, where, what = train_clip.symbol_losses(patch, things, b)
        loss = pair + .5 * rank + .3 * local + .3 * (where + what)
        if not torch.isfinite(loss):
            raise SystemExit(f"loss is not finite at step {run.step}")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.)
        opt.step()
        opt.zero_grad()
        with torch.no_grad():
            judge.logit_scale.clamp_(1., 4.4)
        ema.update()
        run.step += 1
        best = logits.detach().masked_fill(torch.from_numpy(owner)[None] != torch.arange(len(x))[:, None], -1e3)
        right = best.masked_fill(truth != 1, -1e3).amax(1) > best.masked_fill(~near, -1e3).amax(1)
        np.add.at(hits, (t // 100).numpy(), np.stack([right.float().numpy(), np.ones(len(x))], 1))
        for k, q in dict(loss=loss, pair=pair, rank=rank, local=local, where=where, what=what).items():
            sums.setdefault(k, []).append(q.item())
        if run.step % 50 == 0:
            run.log(lr=lr, scale=judge.logit_scale.detach().exp(), **{k: np.mean(q) for k, q in sums.items()},
                    **{f"best{k}": h / max(n, 1) for k, (h, n) in enumerate(hits)})
            sums, hits = {}, np.zeros((10, 2))
    run.save()
    print("done", run.step, flush=True)


@torch.no_grad()
def check(a, words):
    """The right caption against one near miss, as train_clip.py --check, for fresh scenes noised to each level."""
    import cache
    judge = load(a.out).eval()
    images, s = train_clip.fresh_pictures(a.scenes, 4713)
    x0 = cache.encode(models.load_vae(a.vae).eval(), images)
    torch.manual_seed(4714)
    for t in [0, *range(100, 1000, 100), 999]:
        tt = torch.full((len(x0),), t)
        x = planes(noised(x0, tt), tt)
        e = torch.cat([embed(judge, judge.vision_model(pixel_values=q).pooler_output, judge.visual_projection)
                       for q in x.split(100)])
        print(json.dumps({"t": t, **{k: round(float(v), 4) for k, v in train_clip.accuracy(judge, words, e, s).items()}}),
              flush=True)


if __name__ == "__main__":
    main()
