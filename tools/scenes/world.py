# SPDX-License-Identifier: Apache-2.0
"""The scene world: ten flat shapes in ten colours on a soft background, 64 x 64 RGB, and captions for them.

Everything is numpy and vectorised over scenes. A scene set is a dict of arrays:
  n (N,) objects in the scene; shape, colour (N,4) indices, -1 where absent; x, y, r (N,4) pixels;
  kind (N,) 0 single, 1 pair, 2 count; bg (N,3), grad (N,2), jitter (N,4,3).
"""
import numpy as np

SIZE = 64
SHAPES = ["circle", "square", "triangle", "star", "heart", "diamond", "cross", "ring", "moon", "hexagon"]
COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"]
PALETTE = np.array([[220, 40, 40], [240, 140, 30], [240, 220, 50], [50, 170, 70], [50, 90, 220],
                    [140, 60, 190], [245, 140, 190], [130, 80, 40], [25, 25, 25], [250, 250, 250]],
                   np.float32) / 255
RELATIONS = ["left of", "right of", "above", "below"]
NUMBERS = {2: "two", 3: "three", 4: "four"}
RADII = {1: (10, 18), 2: (8, 13), 3: (6.5, 9.5), 4: (6.5, 9.5)}
SINGLE, PAIR, COUNT = 0, 1, 2


def plural(shape):
    return shape + ("es" if shape.endswith("s") else "s")


# ---------------------------------------------------------------- shapes

def _corners(n, radii, first):
    a = np.deg2rad(first) + 2 * np.pi * np.arange(n) / n
    r = np.resize(np.asarray(radii, float), n)
    return np.stack([r * np.cos(a), r * np.sin(a)], 1)


def _polygon(corners):
    """Signed distance to a simple polygon: nearest edge, sign by crossing number."""
    a, b = corners, np.roll(corners, -1, 0)

    def d(x, y):
        best = np.full(np.broadcast(x, y).shape, np.inf, np.float32)
        inside = np.zeros(best.shape, bool)
        for (ax, ay), (bx, by) in zip(a.tolist(), b.tolist()):
            ex, ey = bx - ax, by - ay
            wx, wy = x - ax, y - ay
            t = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1)
            best = np.minimum(best, (wx - ex * t) ** 2 + (wy - ey * t) ** 2)
            if ey != 0:
                inside ^= ((ay > y) != (by > y)) & (wx < ex * wy / ey)
        return np.where(inside, -1, 1) * np.sqrt(best)
    return d


def _heart(x, y):
    X = 0.62 * np.abs(x) / 0.95
    Y = 0.62 * (0.45 - (y - 0.05) / 0.95 + 0.15)
    m = 0.5 * np.maximum(X + Y, 0)
    lobe = np.sqrt((X - .25) ** 2 + (Y - .75) ** 2) - np.sqrt(2) / 4
    tip = np.sqrt(np.minimum(X ** 2 + (Y - 1) ** 2, (X - m) ** 2 + (Y - m) ** 2)) * np.sign(X - Y)
    return np.where(X + Y > 1, lobe, tip) / 0.62


_triangle = _polygon(_corners(3, [1.1], -90))
SDF = {
    "circle": lambda x, y: np.sqrt(x * x + y * y) - 0.92,
    "square": lambda x, y: np.maximum(np.abs(x), np.abs(y)) - 0.82,
    "triangle": lambda x, y: _triangle(x, y + 0.12),
    "star": _polygon(_corners(10, [1.1, 0.48], -90)),
    "heart": _heart,
    "diamond": lambda x, y: (1.25 * np.abs(x) + np.abs(y) - 1.1) / 1.6,
    "cross": lambda x, y: np.minimum(np.maximum(np.abs(x) - 1, np.abs(y) - .34),
                                     np.maximum(np.abs(x) - .34, np.abs(y) - 1)),
    "ring": lambda x, y: np.abs(np.sqrt(x * x + y * y) - 0.7) - 0.27,
    "moon": lambda x, y: np.maximum(np.sqrt(x * x + y * y) - .95, .78 - np.sqrt((x - .48) ** 2 + y * y)),
    "hexagon": _polygon(_corners(6, [1.0], 0)),
}


def _extents():
    """Bounding boxes of the shapes of radius 1: left, top, right, bottom."""
    g = np.linspace(-1.5, 1.5, 601, dtype=np.float32)
    out = []
    for s in SHAPES:
        m = SDF[s](g[None, :], g[:, None]) <= 0
        xs, ys = g[m.any(0)], g[m.any(1)]
        out.append([xs[0], ys[0], xs[-1], ys[-1]])
    return np.array(out, np.float32)


EXTENT = _extents()


def coverage(shape, x, y, r, soft=1.0):
    """(N,64,64) coverage of N objects of one shape; `soft` is the width of the edge in pixels."""
    p = np.arange(SIZE, dtype=np.float32) + 0.5
    r = np.asarray(r, np.float32)[:, None, None]
    u = (p[None, None, :] - np.asarray(x, np.float32)[:, None, None]) / r
    v = (p[None, :, None] - np.asarray(y, np.float32)[:, None, None]) / r
    return np.clip(0.5 - SDF[SHAPES[shape]](u, v) * r / soft, 0, 1).astype(np.float32)


# ---------------------------------------------------------------- scenes

def holds(rel, ax, ay, bx, by):
    """Does a stand in relation `rel` (0 left, 1 right, 2 above, 3 below) to b, as the data defines it?"""
    dx, dy = bx - ax, by - ay
    along = np.choose(rel, [dx, -dx, dy, -dy])
    across = np.choose(rel, [dy, dy, dx, dx])
    return (along > 14) & (np.abs(across) < 0.7 * along)


def _place(rng, shape, n, need_relation):
    """Radii and centres by rejection; every object at least one pixel inside the picture."""
    N = len(n)
    x, y, r = (np.zeros((N, 4), np.float32) for _ in range(3))
    lo = np.array([0] + [RADII[k][0] for k in (1, 2, 3, 4)])[n]
    hi = np.array([0] + [RADII[k][1] for k in (1, 2, 3, 4)])[n]
    todo = np.arange(N)
    while len(todo):
        k = len(todo)
        rr = rng.uniform(lo[todo, None], hi[todo, None], (k, 4))
        e = EXTENT[shape[todo]]
        x0, x1 = 1 - e[..., 0] * rr, SIZE - 1 - e[..., 2] * rr
        y0, y1 = 1 - e[..., 1] * rr, SIZE - 1 - e[..., 3] * rr
        xx, yy = x0 + rng.random((k, 4)) * (x1 - x0), y0 + rng.random((k, 4)) * (y1 - y0)
        ok = np.ones(k, bool)
        for i in range(4):
            for j in range(i):
                far = np.hypot(xx[:, i] - xx[:, j], yy[:, i] - yy[:, j]) > 1.12 * (rr[:, i] + rr[:, j])
                ok &= far | (n[todo] <= i)
        some = np.zeros(k, bool)
        for q in range(4):
            some |= holds(np.full(k, q), xx[:, 0], yy[:, 0], xx[:, 1], yy[:, 1])
        ok &= some | ~need_relation[todo]
        g = todo[ok]
        x[g], y[g], r[g] = xx[ok], yy[ok], rr[ok]
        todo = todo[~ok]
    return x, y, r


def _two_different(rng, N, k=10):
    a = rng.integers(k, size=N)
    return a, (a + rng.integers(1, k, size=N)) % k


def sample(N, seed, shares=(.14, .64, .22), relation_share=.5):
    """N scenes: shares of (single, pair, count); `relation_share` of the pairs must stand in a clear relation."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, size=N, p=shares).astype(np.int8)
    n = np.where(kind == SINGLE, 1, np.where(kind == PAIR, 2, rng.integers(2, 5, size=N)))
    shape, colour = (np.full((N, 4), -1, np.int8) for _ in range(2))
    (s0, s1), (c0, c1) = _two_different(rng, N), _two_different(rng, N)
    for i in range(4):
        has = n > i
        shape[has, i] = np.where((kind == PAIR) & (i == 1), s1, s0)[has]
        colour[has, i] = np.where((kind == PAIR) & (i == 1), c1, c0)[has]
    need = (kind == PAIR) & (rng.random(N) < relation_share)
    x, y, r = _place(rng, np.maximum(shape, 0), n, need)
    a = rng.uniform(0, 2 * np.pi, N)
    amp = rng.uniform(-.125, .125, N)
    return dict(n=n.astype(np.int8), kind=kind, shape=shape, colour=colour, x=x, y=y, r=r,
                bg=rng.uniform(.62, .80, (N, 3)).astype(np.float32),
                grad=(amp[:, None] * np.stack([np.cos(a), np.sin(a)], 1)).astype(np.float32),
                jitter=rng.uniform(-.03, .03, (N, 4, 3)).astype(np.float32))


def take(scenes, idx):
    return {k: v[idx] for k, v in scenes.items()}


def render(scenes, chunk=512):
    """(N,64,64,3) uint8."""
    N = len(scenes["n"])
    out = np.empty((N, SIZE, SIZE, 3), np.uint8)
    u = (np.arange(SIZE, dtype=np.float32) + .5) / SIZE - .5
    for s in range(0, N, chunk):
        c = take(scenes, slice(s, s + chunk))
        g = c["grad"][:, 0, None, None] * u[None, None, :] + c["grad"][:, 1, None, None] * u[None, :, None]
        img = c["bg"][:, None, None, :] + g[..., None]
        for i in range(4):
            for k in range(10):
                w = np.flatnonzero(c["shape"][:, i] == k)
                if not len(w):
                    continue
                x, y, r = c["x"][w, i], c["y"][w, i], c["r"][w, i]
                a = coverage(k, x, y, r)[..., None]
                p = np.arange(SIZE, dtype=np.float32) + .5
                ux = (p[None, None, :] - x[:, None, None]) / r[:, None, None]
                uy = (p[None, :, None] - y[:, None, None]) / r[:, None, None]
                shade = 1 + .09 * (-ux - uy)
                col = PALETTE[c["colour"][w, i]][:, None, None, :] * shade[..., None] \
                    + c["jitter"][w, i][:, None, None, :]
                img[w] = img[w] * (1 - a) + np.clip(col, 0, 1) * a
        out[s:s + chunk] = np.clip(img * 255 + .5, 0, 255).astype(np.uint8)
    return out


# ---------------------------------------------------------------- captions

def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def phrase(shape, colour=None):
    return article(SHAPES[shape] if colour is None else COLOURS[colour] + " " + SHAPES[shape])


def photo(text, rng, bare=.15):
    return text if rng.random() < bare else "a photo of " + text


def caption(s, i, rng):
    """One true caption of scene i, of a kind drawn at random among those that fit it."""
    sh, co = s["shape"][i], s["colour"][i]
    if s["kind"][i] == SINGLE:
        return photo(phrase(sh[0], co[0] if rng.random() < .7 else None), rng)
    if s["kind"][i] == COUNT:
        word = plural(SHAPES[sh[0]])
        if rng.random() < .25:
            word = COLOURS[co[0]] + " " + word
        return photo(NUMBERS[int(s["n"][i])] + " " + word, rng)
    a, b = (0, 1) if rng.random() < .5 else (1, 0)
    x, y = s["x"][i], s["y"][i]
    rel = [q for q in range(4) if holds(q, x[a], y[a], x[b], y[b])]
    u = rng.random()
    if rel and u < .5:
        c = (co[a], co[b]) if rng.random() < .25 else (None, None)
        return photo(f"{phrase(sh[a], c[0])} {RELATIONS[rel[0]]} {phrase(sh[b], c[1])}", rng)
    if u < (.72 if rel else .45):
        return photo(f"{phrase(sh[a])} and {phrase(sh[b])}", rng)
    return photo(f"{phrase(sh[a], co[a])} and {phrase(sh[b], co[b])}", rng)


def captions(scenes, seed):
    rng = np.random.default_rng(seed)
    return [caption(scenes, i, rng) for i in range(len(scenes["n"]))]


# ---------------------------------------------------------------- tokens

class Words:
    """The tokenizer, for captions of this world: every word of theirs is one token."""

    def __init__(self, tokenizer_dir, length=24):
        import json
        import os
        vocab = json.load(open(os.path.join(tokenizer_dir, "vocab.json"), encoding="utf-8"))
        self.ids = {k[:-4]: v for k, v in vocab.items() if k.endswith("</w>")}
        self.start, self.end, self.length = vocab["<|startoftext|>"], vocab["<|endoftext|>"], length

    def __call__(self, texts):
        out = np.full((len(texts), self.length), self.end, np.int64)
        for i, t in enumerate(texts):
            w = [self.ids[k] for k in t.split()]
            out[i, 0] = self.start
            out[i, 1:1 + len(w)] = w
        return out
