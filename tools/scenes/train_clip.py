# SPDX-License-Identifier: Apache-2.0
"""Train the judge: a small CLIPModel whose cosine says how well a picture fulfils a caption.

    python train_clip.py --data DATA [--views VIEWS] --tokenizer TOK --out RUN --minutes 70 [--init MODEL]
    python train_clip.py --check --out RUN|MODEL --tokenizer TOK [--vae MODEL/vae]      # pairwise accuracies

Every picture of a batch meets every caption of it; the truth of each pair is computed from the symbols. Besides, two kinds of
heads that are thrown away: under each patch (shape, colour, centre) two layers before the end, so that the class token
can read them; and on the class token (what is there, where, how often), so that it does.
With --init, layers are taken over and two more are put on top; position embeddings start as 2-D sines as large as the
patch embedding.
"""
import argparse
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import claims
import models
import training
import world

LENGTH = 14                                     # captions have at most 13 tokens; the mask is causal, so cutting is exact
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
LAYERS, BELOW, PROJECTION = 6, 4, 128
OBJECTS = 6


def new_clip():
    from transformers import CLIPConfig, CLIPModel
    text = dict(models.TEXT, num_hidden_layers=2, projection_dim=PROJECTION)
    vision = dict(image_size=64, patch_size=8, hidden_size=128, intermediate_size=512, num_attention_heads=4,
                  num_hidden_layers=LAYERS, hidden_act="quick_gelu", projection_dim=PROJECTION)
    clip = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=PROJECTION,
                                logit_scale_init_value=3.0))
    clip.set_attn_implementation("eager")
    return clip


def load(folder=None):
    if not folder:
        return new_clip()
    from transformers import CLIPModel
    return CLIPModel.from_pretrained(folder, dtype=torch.float32)


def averaged(run, clip):
    c = torch.load(os.path.join(run, "checkpoint.pt"), weights_only=False)
    clip.load_state_dict(c["modules"][0])
    with torch.no_grad():
        for p, e in zip(clip.parameters(), c["ema"]):
            p.copy_(e)
    return c["step"], c["used"] / 60


def sines(width, size, rms):
    """(1 + size*size, width): class token 0, then row-major patches; half the width for y, half for x."""
    f = 1 / 20 ** (torch.arange(width // 4) / (width // 4))
    a = torch.arange(size)[:, None] * f[None] * 1.5
    e = torch.cat([a.sin(), a.cos()], 1)
    full = torch.cat([e[:, None].expand(-1, size, -1), e[None].expand(size, -1, -1)], -1).reshape(size * size, width)
    return torch.cat([torch.zeros(1, width), full * rms / full.pow(2).mean().sqrt()])


def warm(clip, folder):
    """Take over what fits from a smaller CLIP; the additional layers begin as almost nothing."""
    from transformers import CLIPModel
    old = CLIPModel.from_pretrained(folder, dtype=torch.float32).state_dict()
    new = clip.state_dict()
    skip = ("projection", "logit_scale", "position_ids", "vision_model.embeddings.position")
    with torch.no_grad():
        for k, v in new.items():
            if k in old and old[k].shape == v.shape and not any(s in k for s in skip):
                v.copy_(old[k])
            elif ".layers." in k and (k.endswith("out_proj.weight") or k.endswith("fc2.weight")):
                v.mul_(.2)


@torch.no_grad()
def place(clip, images):
    e = clip.vision_model.embeddings
    rms = e.patch_embedding(images).flatten(2).transpose(1, 2).pow(2).mean().sqrt()
    e.position_embedding.weight.copy_(sines(e.position_embedding.weight.shape[1], 8, rms))
    print("patch embedding rms", float(rms), flush=True)


class Heads(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.patch = nn.Linear(width, 11 + 11 + 1)
        self.things = nn.Linear(width, 10 * (5 + 2 + 11))        # per shape: how many (0-4), mean x and y, colour or none


class Pictures:
    """Pictures, or their latents, with their symbols: renders (DATA) and views (round trips, predictions, generations)."""

    def __init__(self, folder, views, what="images"):
        self.folders, self.names, self.what = [f for f in (folder, views) if f], [], what
        self.pools = {"render": [], "view": []}

    def look(self):
        for f in self.folders:
            for n in sorted(glob.glob(os.path.join(f, "*-???.npz"))):
                if n in self.names:
                    continue
                with np.load(n) as z:
                    d = {self.what: z[self.what]}
                    for k, fill in (("shape", -1), ("colour", -1), ("x", 0), ("y", 0), ("r", 1)):
                        v = z["scene_" + k]
                        d[k] = np.full((len(v), OBJECTS), fill, v.dtype)
                        d[k][:, :v.shape[1]] = v
                    count = (d["shape"] == d["shape"][:, :1]).sum(1)
                    single = (d["shape"] >= 0).sum(1) == 1
                    some = d["shape"][:, 0] >= 0
                    d["groups"] = [np.flatnonzero(some & single), np.flatnonzero(some & ~single & (count == 1)),
                                   np.flatnonzero(some & (count > 1))]
                self.names.append(n)
                self.pools["render" if f == self.folders[0] else "view"].append(d)

    def batch(self, n, rng, view_share, shares=(.18, .47, .35)):
        parts = []
        for pool, m in (("view", int(n * view_share) if self.pools["view"] else 0), ("render", None)):
            m = n - sum(len(q["images"]) for q in parts) if m is None else m
            # views come in several sorts: two shards of them a batch
            for k in ([m // 2, m - m // 2] if pool == "view" else [m]):
                if k:
                    d = self.pools[pool][rng.integers(len(self.pools[pool]))]
                    g = rng.choice(3, size=k, p=shares)
                    i = np.array([d["groups"][q][rng.integers(len(d["groups"][q]))] for q in g])
                    parts.append({key: d[key][i] for key in (self.what, "shape", "colour", "x", "y", "r")})
        return {k: np.concatenate([q[k] for q in parts]) for k in parts[0]}


def augment(x, rng):
    """x (N,3,64,64) in [0,1]: some are blurred, noisy, or shifted in colour."""
    n = len(x)
    k = torch.tensor([1., 2., 1.])
    k = (k[:, None] * k[None] / 16).expand(3, 1, 3, 3)
    b = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), k, groups=3)
    u = torch.from_numpy(rng.random((4, n)).astype(np.float32))[:, :, None, None, None]
    x = torch.where(u[0] < .3, b, x)
    x = x + torch.where(u[1] < .35, .05 * u[2], torch.zeros(())) * torch.randn_like(x)
    x = x + torch.where(u[3] < .4, 1., 0.) * torch.randn(n, 3, 1, 1) * .025
    return x.clamp(0, 1)


def encode_states(clip, pixels):
    return clip.vision_model(pixel_values=pixels, output_hidden_states=True)


def encode_images(clip, x):
    return clip.vision_model(pixel_values=(x - MEAN) / STD)


def embed(clip, pooled, projection):
    return F.normalize(projection(pooled).float(), dim=-1)


def patch_targets(b):
    """Under each of the 64 patches: shape (10 none), colour, and whether a centre is in it."""
    n = len(b["x"])
    c = (np.arange(8) * 8 + 4).astype(np.float32)
    shape, colour = np.full((n, 8, 8), 10), np.full((n, 8, 8), 10)
    centre = np.zeros((n, 8, 8), np.float32)
    for j in range(b["shape"].shape[1]):
        has = b["shape"][:, j] >= 0
        d = np.maximum(np.abs(c[None, None, :] - b["x"][:, j, None, None]), np.abs(c[None, :, None] - b["y"][:, j, None, None]))
        m = (d < b["r"][:, j, None, None] * .9 + 2) & has[:, None, None]
        shape = np.where(m, b["shape"][:, j, None, None], shape)
        colour = np.where(m, b["colour"][:, j, None, None], colour)
        i = np.flatnonzero(has)
        centre[i, (b["y"][i, j] // 8).astype(int).clip(0, 7), (b["x"][i, j] // 8).astype(int).clip(0, 7)] = 1
    return torch.from_numpy(shape).long().view(n, 64), torch.from_numpy(colour).long().view(n, 64), \
        torch.from_numpy(centre).view(n, 64)


def thing_targets(b):
    n = len(b["x"])
    count, where, colour = np.zeros((n, 10), int), np.zeros((n, 10, 2), np.float32), np.full((n, 10), 10)
    for k in range(10):
        m = b["shape"] == k
        count[:, k] = m.sum(1).clip(0, 4)
        w = np.maximum(m.sum(1), 1)
        where[:, k, 0] = ((b["x"] / 32 - 1) * m).sum(1) / w
        where[:, k, 1] = ((b["y"] / 32 - 1) * m).sum(1) / w
        has = m.any(1)
        colour[has, k] = b["colour"][has, m[has].argmax(1)]
    return torch.from_numpy(count), torch.from_numpy(where), torch.from_numpy(colour)


def write_claims(rng, b, true=2, false=3):
    """For every picture `true` claims that hold and `false` near misses. Returns claims and their owners."""
    out, owner, hard = [], [], []
    for i in range(len(b["x"])):
        t = [claims.true_claim(rng, b, i) for _ in range(true)]
        f = [claims.negate(rng, t[rng.integers(true)])[0] for _ in range(false)]
        out += t + f
        owner += [i] * (true + false)
        hard += [False] * true + [True] * false
    return out, np.array(owner), np.array(hard)


def ranking(logits, truth, dim):
    """softplus(false - true) along dim, smooth maximum of the false against every true one."""
    false = logits.masked_fill(truth != 0, -30.).logsumexp(dim, keepdim=True)
    m = (truth == 1) & (truth == 0).any(dim, keepdim=True)
    return F.softplus(false - logits)[m].mean() if m.any() else logits.sum() * 0


def pair_losses(logits, bias, truth, owner, hard):
    """Cross-entropy of pairs, by sort (true ones, own near misses, all the rest); ranking; which pairs are near misses."""
    bce = F.binary_cross_entropy_with_logits(logits + bias, (truth == 1).float(), reduction="none")
    own = torch.from_numpy(owner)[None] == torch.arange(len(logits))[:, None]
    near = own & torch.from_numpy(hard)[None] & (truth == 0)
    pair = bce[truth == 1].mean() + bce[near].mean() + bce[(truth == 0) & ~near].mean()
    rank = ranking(logits.masked_fill(~own, -30.), torch.where(own, truth, torch.full_like(truth, -1)), 1) \
        + .5 * ranking(logits, truth, 0)
    return pair, rank, near


def symbol_losses(patch, things, b):
    """Of the thrown-away heads: what is under each patch; where things are; what and how many there are."""
    s_p, c_p, m_p = patch_targets(b)
    local = F.cross_entropy(patch[..., :11].flatten(0, 1), s_p.flatten()) \
        + F.cross_entropy(patch[..., 11:22].flatten(0, 1), c_p.flatten()) \
        + 3 * F.binary_cross_entropy_with_logits(patch[..., 22], m_p)
    n_t, w_t, k_t = thing_targets(b)
    has = n_t > 0
    where = (things[..., 5:7] - w_t)[has].square().mean() * 15
    what = F.cross_entropy(things[..., :5].flatten(0, 1), n_t.flatten()) * 4 \
        + F.cross_entropy(things[..., 7:][has], k_t[has])
    return local, where, what


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data")
    p.add_argument("--views")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--init")
    p.add_argument("--minutes", type=float, default=70)
    p.add_argument("--batch", type=int, default=48)
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--flat", type=float, default=.5)
    p.add_argument("--view-share", type=float, default=.6)
    p.add_argument("--seed", type=int, default=2130)
    p.add_argument("--check", action="store_true")
    p.add_argument("--vae")
    a = p.parse_args()
    torch.set_num_threads(1)
    words = world.Words(a.tokenizer, LENGTH)
    if a.check:
        return check(a, words)
    torch.manual_seed(a.seed)
    clip, heads, bias = new_clip(), Heads(), nn.Module()
    bias.b = nn.Parameter(torch.tensor(-3.))
    data = Pictures(a.data, a.views)
    data.look()
    fresh = not os.path.exists(os.path.join(a.out, "checkpoint.pt"))
    if fresh:
        if a.init:
            warm(clip, a.init)
        b = data.batch(64, np.random.default_rng(0), 0)
        place(clip, (torch.from_numpy(b["images"]).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD)
    clip.train()
    params, opt = training.optimizer([clip, heads, bias], a.lr, weight_decay=.02)
    ema = training.Ema(clip.parameters(), .998)
    run = training.Run(a.out, a.minutes, [clip, heads, bias], opt, ema, a.seed)
    sums, wins = {}, np.zeros((4, 2))
    while run.tick() < 1:
        rng = np.random.default_rng([a.seed, run.step])
        if run.step % 200 == 0:
            data.look()
        lr = run.set_lr(a.lr, warm=200, flat=a.flat)
        b = data.batch(a.batch, rng, a.view_share)
        said, owner, hard = write_claims(rng, b)
        truth = torch.from_numpy(claims.truth(b, said))
        ids = torch.from_numpy(words([claims.text(c, rng.random() < .15) for c in said]))
        x = augment(torch.from_numpy(b["images"]).permute(0, 3, 1, 2).float() / 255, rng)
        with torch.autocast("cpu", torch.bfloat16):
            v = encode_states(clip, (x - MEAN) / STD)
            t = clip.text_model(input_ids=ids).pooler_output
            patch = heads.patch(clip.vision_model.post_layernorm(v.hidden_states[BELOW][:, 1:])).float()
            things = heads.things(v.pooler_output).float().view(len(x), 10, 18)
            e_i, e_t = embed(clip, v.pooler_output, clip.visual_projection), embed(clip, t, clip.text_projection)
        logits = clip.logit_scale.exp() * e_i @ e_t.T
        pair, rank, _ = pair_losses(logits, bias.b, truth, owner, hard)
        local, where, what = symbol_losses(patch, things, b)
        loss = pair + rank + .5 * local + .5 * (where + what)
        if not torch.isfinite(loss):
            raise SystemExit(f"loss is not finite at step {run.step}")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.)
        opt.step()
        opt.zero_grad()
        with torch.no_grad():
            clip.logit_scale.clamp_(1., 4.4)
        ema.update()
        run.step += 1
        for k, q in dict(loss=loss, pair=pair, rank=rank, local=local, where=where, what=what).items():
            sums.setdefault(k, []).append(q.item())
        if run.step % 100 == 0:
            run.log(lr=lr, scale=clip.logit_scale.detach().exp(), views=len(data.pools["view"]),
                    **{k: np.mean(q) for k, q in sums.items()})
            sums = {}
        if run.step % 1000 == 0:
            ema.swap()
            images, s = fresh_pictures(600, 77)
            run.log(**accuracy(clip, words, embed_pictures(clip, images), s))
            ema.swap()
    run.save()
    print("done", run.step, flush=True)


# ---------------------------------------------------------------- pairwise accuracy

def fresh_pictures(n, seed):
    s = world.sample(n, seed, shares=(.2, .5, .3))
    return world.render(s), s


@torch.no_grad()
def embed_pictures(clip, images):
    clip.eval()
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    e = torch.cat([embed(clip, encode_images(clip, q).pooler_output, clip.visual_projection) for q in x.split(100)])
    clip.train()
    return e


@torch.no_grad()
def accuracy(clip, words, e_i, s, seed=5, each=2):
    """Of embedded pictures and their scenes: right caption against one near miss of each kind that fits it. Share preferred,
    by kind, and how many pairs."""
    clip.eval()
    rng, rows = np.random.default_rng(seed), []
    for i in range(len(e_i)):
        for _ in range(each):
            c = claims.true_claim(rng, s, i)
            for how in claims.KINDS:
                w, k = claims.negate(rng, c, how)
                if claims.KINDS[k] == how and claims.truth(world.take(s, slice(i, i + 1)), [w])[0, 0] == 0:
                    rows.append((i, k, c, w))
    said = sorted({r[2] for r in rows} | {r[3] for r in rows})
    ids = torch.from_numpy(words([claims.text(c, False) for c in said]))
    e_t = torch.cat([embed(clip, clip.text_model(input_ids=q).pooler_output, clip.text_projection) for q in ids.split(200)])
    at = {c: j for j, c in enumerate(said)}
    out = {}
    for k, name in enumerate(claims.KINDS):
        q = [(i, at[c], at[w]) for i, kk, c, w in rows if kk == k]
        good = [float(e_i[i] @ e_t[c] > e_i[i] @ e_t[w]) for i, c, w in q]
        out["acc_" + name], out["n_" + name] = np.mean(good), len(good)
    clip.train()
    return out


def check(a, words):
    if os.path.exists(os.path.join(a.out, "checkpoint.pt")):
        clip = new_clip()
        print("step %d, minute %.1f" % averaged(a.out, clip))
    else:
        clip = load(a.out)
    images, s = fresh_pictures(1500, 4712)
    sets = {"renders": images}
    if a.vae:
        import cache
        vae = models.load_vae(a.vae).eval()
        with torch.no_grad():
            sets["round trips"] = cache.decode(vae, cache.encode(vae, images))
    for name, q in sets.items():
        print(name, {k: round(float(v), 4) for k, v in accuracy(clip, words, embed_pictures(clip, q), s).items()}, flush=True)


if __name__ == "__main__":
    main()
