# SPDX-License-Identifier: Apache-2.0
"""A judge that knows the world's rules: finds the objects of a picture, then applies GenEval's checks to them.

    python verify.py FOLDER              # judge FOLDER/images.jsonl (lines {"file":…, "prompt":…, "tag":…, "include":…})
    python verify.py --check [--vae D]   # its own accuracy on fresh renders (and on VAE round trips of them)

A plane is fitted to the background; what differs from it is cut into blobs; each blob becomes a soft matte, and the ten
shapes are fitted to that. Plain numpy (and scipy's labelling). Independent of the toolkit's Java verifier.
"""
import argparse
import json
import os

import numpy as np
from scipy import ndimage

import world

EIGHT = np.ones((3, 3), int)
SOFT = (1.0, 2.0, 3.0, 4.5)


def _unit_geometry():
    """Area and centroid of the shapes of radius 1."""
    g = np.linspace(-1.3, 1.3, 521, dtype=np.float32)
    out = []
    for s in world.SHAPES:
        m = world.SDF[s](g[None, :], g[:, None]) <= 0
        yy, xx = np.nonzero(m)
        out.append((m.sum() * (g[1] - g[0]) ** 2, g[xx].mean(), g[yy].mean()))
    return np.array(out)


UNIT = _unit_geometry()
_P = np.arange(64, dtype=np.float32) + .5
_BASIS = np.stack([np.ones((64, 64)), np.broadcast_to(_P[None] / 64 - .5, (64, 64)),
                   np.broadcast_to(_P[:, None] / 64 - .5, (64, 64))], -1).astype(np.float32)
_BORDER = np.zeros((64, 64), bool)
_BORDER[:2] = _BORDER[-2:] = _BORDER[:, :2] = _BORDER[:, -2:] = True


def background(img):
    """Plane per channel: from the border, then from everything that is near it."""
    m = _BORDER
    for tol in (None, .12, .07, .05, .05):
        if tol is not None:
            near = np.abs(img - plane).max(-1) < tol
            m = near if tol < .12 and near.sum() > 600 else near & _BORDER
            if m.sum() < 60:
                break
        coef, *_ = np.linalg.lstsq(_BASIS[m], img[m], rcond=None)
        if tol is None:                     # objects may touch the border: start from its median instead of its mean
            coef[0] += np.median(img[m] - _BASIS[m] @ coef, 0)
        plane = _BASIS @ coef
    return plane.astype(np.float32)


def name_colour(rgb):
    return int(np.argmin(((world.PALETTE - rgb) ** 2).sum(1)))


def _overlap(template, matte):
    return np.minimum(template, matte).sum((-1, -2)) / np.maximum(template, matte).sum((-1, -2))


def _templates(k, x, y, r, window):
    """(candidates, softness, h, w)"""
    y0, y1, x0, x1 = window
    u = (_P[x0:x1][None, None] - x[:, None, None]) / r[:, None, None]
    v = (_P[y0:y1][None, :, None] - y[:, None, None]) / r[:, None, None]
    d = (world.SDF[world.SHAPES[k]](u, v) * r[:, None, None])[:, None]
    return np.clip(.5 - d / np.array(SOFT)[None, :, None, None], 0, 1)


def fit_shape(matte):
    """Best shape of a matte: (shape, overlap, x, y, r)."""
    ys, xs = np.nonzero(matte > .05)
    w = (max(ys.min() - 2, 0), min(ys.max() + 3, 64), max(xs.min() - 2, 0), min(xs.max() + 3, 64))
    m = matte[w[0]:w[1], w[2]:w[3]]
    area = m.sum()
    cx = (m * _P[w[2]:w[3]][None]).sum() / area
    cy = (m * _P[w[0]:w[1]][:, None]).sum() / area
    first = []
    for k in range(10):
        r = np.sqrt(area / UNIT[k, 0]) * np.array([.94, 1., 1.06])
        s = _overlap(_templates(k, cx - UNIT[k, 1] * r, cy - UNIT[k, 2] * r, r, w), m)
        c, q = np.unravel_index(s.argmax(), s.shape)
        first.append((s[c, q], k, cx - UNIT[k, 1] * r[c], cy - UNIT[k, 2] * r[c], r[c]))
    first.sort(reverse=True)
    best = first[0]
    for score, k, x, y, r in first[:4]:
        step = .6
        while step > .15:
            dx = np.array([0, 1, -1, 0, 0, 0, 0, 1, -1, 1, -1]) * step
            dy = np.array([0, 0, 0, 1, -1, 0, 0, 1, 1, -1, -1]) * step
            dr = np.array([0, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0]) * step
            s = _overlap(_templates(k, x + dx, y + dy, np.maximum(r + dr, 2), w), m).max(1)
            i = int(s.argmax())
            if s[i] <= score + 1e-6:
                step /= 2
            else:
                score, x, y, r = s[i], x + dx[i], y + dy[i], max(r + dr[i], 2)
        if score > best[0]:
            best = (score, k, x, y, r)
    return best[1], float(best[0]), float(best[2]), float(best[3]), float(best[4])


def _regions(diff, labels, img):
    """Blobs, each cut again at half of its own contrast; a blob of two palette colours is split by colour."""
    out = []
    for i in range(1, labels.max() + 1):
        blob = labels == i
        if blob.sum() < 12:
            continue
        strong = blob & (diff > .5 * np.percentile(diff[blob], 85))
        parts, n = ndimage.label(strong, EIGHT)
        for j in range(1, n + 1):
            part = parts == j
            if part.sum() < 12:
                continue
            core = ndimage.binary_erosion(part, iterations=1)
            if core.sum() >= 16:
                near = ((img[core][:, None] - world.PALETTE[None]) ** 2).sum(-1).argmin(1)
                names, counts = np.unique(near, return_counts=True)
                order = counts.argsort()[::-1]
                if len(names) > 1 and counts[order[1]] >= max(12, .22 * core.sum()):
                    a, b = names[order[0]], names[order[1]]
                    to_b = ((img - world.PALETTE[b]) ** 2).sum(-1) < ((img - world.PALETTE[a]) ** 2).sum(-1)
                    one, two = (ndimage.label(ndimage.binary_opening(q, iterations=1), EIGHT)
                                for q in (part & ~to_b, part & to_b))
                    if min(one[1], two[1]) == 1 and max(one[1], two[1]) == 1:
                        out += [one[0] > 0, two[0] > 0]
                        continue
            out.append(part)
    return [p for p in out if p.sum() >= 12]


def objects(image, threshold=.10, least=.72):
    """Objects of a (64,64,3) uint8 picture: dicts with class, color, box (x0,y0,x1,y1), score."""
    img = image.astype(np.float32) / 255
    plane = background(img)
    diff = np.sqrt(((img - plane) ** 2).sum(-1))
    labels, n = ndimage.label(diff > threshold, EIGHT)
    regions = _regions(diff, labels, img)
    out = []
    for part in regions:
        core = ndimage.binary_erosion(part, iterations=1)
        core = core if core.sum() >= 8 else part
        level = np.percentile(diff[core], 40)
        core = core & (diff >= level)
        colour = np.median(img[core], 0)
        v = colour - plane
        alpha = np.clip(((img - plane) * v).sum(-1) / np.maximum((v * v).sum(-1), 1e-4), 0, 1)
        grown = ndimage.binary_dilation(part, EIGHT, iterations=2)
        for other in regions:
            if other is not part:
                grown &= ~other
        alpha = np.where(grown, alpha, 0)
        alpha[alpha < .06] = 0
        if alpha.sum() < 10:
            continue
        k, score, x, y, r = fit_shape(alpha)
        if score < least:
            continue
        e = world.EXTENT[k] * r
        out.append({"class": world.SHAPES[k], "color": world.COLOURS[name_colour(colour)], "score": score,
                    "box": (x + e[0], y + e[1], x + e[2], y + e[3])})
    return out


# ---------------------------------------------------------------- GenEval's rules

def relation(a, b, threshold=.1):
    """Relations of box a to box b."""
    ca, cb = np.array([(a[0] + a[2]) / 2, (a[1] + a[3]) / 2]), np.array([(b[0] + b[2]) / 2, (b[1] + b[3]) / 2])
    size = np.array([a[2] - a[0] + b[2] - b[0], a[3] - a[1] + b[3] - b[1]])
    off = ca - cb
    rev = np.maximum(np.abs(off) - threshold * size, 0) * np.sign(off)
    if (np.abs(rev) < 1e-3).all():
        return set()
    dx, dy = rev / np.linalg.norm(off)
    return {n for n, q in zip(world.RELATIONS, (dx < -.5, dx > .5, dy < -.5, dy > .5)) if q}


def judge(found, meta):
    ok, matched = True, []
    for clause in meta.get("include", []):
        got = sorted((o for o in found if o["class"] == clause["class"]), key=lambda o: -o["score"])[:clause["count"]]
        good = len(got) >= clause["count"]
        if good and "color" in clause:
            good = sum(o["color"] == clause["color"] for o in got) >= clause["count"]
        if good and "position" in clause:
            want, of = clause["position"]
            target = matched[of] if of < len(matched) else None
            good = target is not None and all(want in relation(o["box"], t["box"]) for o in got for t in target)
        matched.append(got if good else None)
        ok &= good
    for clause in meta.get("exclude", []):
        ok &= sum(o["class"] == clause["class"] for o in found) < clause["count"]
    return bool(ok)


def summary(rows):
    """Mean and bootstrap error (over prompts) by category and of the mean of the categories."""
    by = {}
    for r in rows:
        by.setdefault(r["tag"], {}).setdefault(r["prompt"], []).append(r["correct"])
    rng, out, boots = np.random.default_rng(0), {}, []
    for tag, prompts in by.items():
        m = np.array([np.mean(v) for v in prompts.values()])
        b = m[rng.integers(len(m), size=(2000, len(m)))].mean(1)
        out[tag] = (round(float(m.mean()), 4), round(float(b.std()), 4))
        boots.append(b)
    out["overall"] = (round(float(np.mean([v[0] for v in out.values()])), 4),
                      round(float(np.mean(boots, 0).std()), 4))
    return out


def truth_meta(s, i, rng):
    """A prompt (GenEval form) that scene i fulfils."""
    sh = [world.SHAPES[k] for k in s["shape"][i][:s["n"][i]]]
    co = [world.COLOURS[k] for k in s["colour"][i][:s["n"][i]]]
    if s["kind"][i] == world.SINGLE:
        if rng.random() < .5:
            return "single_object", {"include": [{"class": sh[0], "count": 1}]}
        return "colors", {"include": [{"class": sh[0], "count": 1, "color": co[0]}]}
    if s["kind"][i] == world.COUNT:
        n = len(sh)
        return "counting", {"include": [{"class": sh[0], "count": n}], "exclude": [{"class": sh[0], "count": n + 1}]}
    x, y = s["x"][i], s["y"][i]
    rel = [q for q in range(4) if world.holds(q, x[1], y[1], x[0], y[0])]
    u = rng.random()
    if rel and u < .6:
        return "position", {"include": [{"class": sh[0], "count": 1},
                                        {"class": sh[1], "count": 1, "position": [world.RELATIONS[rel[0]], 0]}]}
    if u < .6:
        return "two_object", {"include": [{"class": k, "count": 1} for k in sh]}
    return "color_attr", {"include": [{"class": k, "count": 1, "color": c} for k, c in zip(sh, co)]}


def self_check(n, vae_dir):
    scenes = world.sample(n, 4711)
    sets = {"renders": world.render(scenes)}
    if vae_dir:
        import torch
        from diffusers import AutoencoderKL

        import cache
        torch.set_num_threads(1)
        vae = AutoencoderKL.from_pretrained(vae_dir, torch_dtype=torch.float32).eval()
        with torch.no_grad():
            sets["round trips"] = cache.decode(vae, cache.encode(vae, sets["renders"]))
    for name, images in sets.items():
        rng, rows, exact = np.random.default_rng(0), [], []
        for i in range(n):
            found = objects(images[i])
            tag, meta = truth_meta(scenes, i, rng)
            want = sorted((world.SHAPES[k], world.COLOURS[c])
                          for k, c in zip(scenes["shape"][i], scenes["colour"][i]) if k >= 0)
            exact.append(want == sorted((o["class"], o["color"]) for o in found))
            rows.append({"tag": tag, "prompt": i, "correct": judge(found, meta)})
        print(name, json.dumps(summary(rows)), "exact object set", round(float(np.mean(exact)), 4), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", nargs="?")
    p.add_argument("--check", type=int, nargs="?", const=1000)
    p.add_argument("--vae")
    a = p.parse_args()
    if a.check:
        self_check(a.check, a.vae)
    if a.folder:
        from PIL import Image
        rows = [json.loads(line) for line in open(os.path.join(a.folder, "images.jsonl"))]
        for r in rows:
            found = objects(np.array(Image.open(os.path.join(a.folder, r["file"])).convert("RGB")))
            r["correct"] = judge(found, r)
            r["found"] = [[o["class"], o["color"], round(o["score"], 3)] for o in found]
        with open(os.path.join(a.folder, "verdicts.jsonl"), "w") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
        print(json.dumps(summary(rows)))


if __name__ == "__main__":
    main()
