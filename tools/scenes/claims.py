# SPDX-License-Identifier: Apache-2.0
"""Captions as claims: symbols that can be written out, negated in a chosen way, and checked against scenes.

A claim is (kind, s1, c1, s2, c2, arg): THINGS "a [c1] s1 [and a [c2] s2]", RELATION "a [c1] s1 REL[arg] a [c2] s2",
NUMBER "[arg] [c1] s1s". -1 stands for nothing. The rules are GenEval's, as the verifier applies them.
"""
import numpy as np

import world
from world import COLOURS, NUMBERS, RELATIONS, SHAPES

THINGS, RELATION, NUMBER = 0, 1, 2
KINDS = ["shape", "colour", "count", "relation"]
OPPOSITE = [1, 0, 3, 2]


def text(claim, bare):
    k, s1, c1, s2, c2, arg = claim
    one = None if c1 < 0 else c1
    if k == NUMBER:
        out = NUMBERS[arg] + " " + ("" if one is None else COLOURS[one] + " ") + world.plural(SHAPES[s1])
    else:
        out = world.phrase(s1, one)
        if s2 >= 0:
            out += (" and " if k == THINGS else " " + RELATIONS[arg] + " ") + world.phrase(s2, None if c2 < 0 else c2)
    return out if bare else "a photo of " + out


def true_claim(rng, s, i):
    """A claim that holds for scene i of s (needs an object in it)."""
    n = int((s["shape"][i] >= 0).sum())
    sh, co = s["shape"][i], s["colour"][i]
    same = int((sh == sh[0]).sum())
    if same >= 2:
        if same <= 4 and rng.random() < .8:
            c = co[0] if rng.random() < .25 and (co[:same] == co[0]).all() and n == same else -1
            return (NUMBER, int(sh[0]), int(c), -1, -1, same)
        return (THINGS, int(sh[0]), int(co[0]) if rng.random() < .6 else -1, -1, -1, 0)
    if n == 1 or rng.random() < .1:
        j = int(rng.integers(n))
        return (THINGS, int(sh[j]), int(co[j]) if rng.random() < .65 else -1, -1, -1, 0)
    a, b = rng.permutation(n)[:2]
    if sh[a] == sh[b]:
        return (THINGS, int(sh[a]), int(co[a]), -1, -1, 0)
    rel = [q for q in range(4) if world.holds(q, s["x"][i][a], s["y"][i][a], s["x"][i][b], s["y"][i][b])]
    if rel and rng.random() < .6:
        ca, cb = (int(co[a]), int(co[b])) if rng.random() < .25 else (-1, -1)
        return (RELATION, int(sh[a]), ca, int(sh[b]), cb, rel[0])
    ca, cb = (int(co[a]), int(co[b])) if rng.random() < .6 else (-1, -1)
    return (THINGS, int(sh[a]), ca, int(sh[b]), cb, 0)


def negate(rng, c, how=None):
    """A claim like c that differs in one respect: (claim, index in KINDS). It may still hold; check it."""
    k, s1, c1, s2, c2, arg = c
    options = ["shape"] + (["colour"] if c1 >= 0 else [])
    if k == NUMBER:
        options += ["count"] * 3
    if k == RELATION:
        options += ["relation"] * 3
    how = how if how in options else options[rng.integers(len(options))]
    if how == "count":
        other = [m for m in (2, 3, 4) if m != arg]
        return (k, s1, c1, s2, c2, other[rng.integers(2)]), 2
    if how == "relation":
        u = rng.random()
        if u < .4:
            return (k, s1, c1, s2, c2, OPPOSITE[arg]), 3
        if u < .8:
            return (k, s2, c2, s1, c1, arg), 3
        return (k, s1, c1, s2, c2, int((arg + 2 + rng.integers(2)) % 4) if arg < 2 else int(rng.integers(2))), 3
    if how == "colour":
        if c2 >= 0 and rng.random() < .5:
            return (k, s1, c2, s2, c1, arg), 1
        if c2 >= 0 and rng.random() < .5:
            return (k, s1, c1, s2, int((c2 + rng.integers(1, 10)) % 10), arg), 1
        return (k, s1, int((c1 + rng.integers(1, 10)) % 10), s2, c2, arg), 1
    if s2 >= 0 and rng.random() < .5:
        new = int((s2 + rng.integers(1, 10)) % 10)
        return (k, s1, c1, new if new != s1 else int((new + 1) % 10 if (new + 1) % 10 != s2 else (new + 2) % 10), c2, arg), 0
    new = int((s1 + rng.integers(1, 10)) % 10)
    return (k, new if new != s2 else int((new + 1) % 10 if (new + 1) % 10 != s1 else (new + 2) % 10), c1, s2, c2, arg), 0


def truth(s, claims):
    """(scenes, claims): 1 holds, 0 does not, -1 too close to call (relations only)."""
    c = np.asarray(claims)
    k, s1, c1, s2, c2, arg = c.T
    sh, co = s["shape"][:, :, None], s["colour"][:, :, None]                # scenes, objects, 1
    first = (sh == s1) & ((c1 < 0) | (co == c1))
    second = (sh == s2) & ((c2 < 0) | (co == c2))
    both = first.any(1) & ((s2 < 0) | second.any(1))
    count = (sh == s1).sum(1)
    out = np.where(k == NUMBER, (count == arg) & (first.sum(1) == arg), both).astype(np.int8)
    for q in np.flatnonzero(k == RELATION):
        i = np.flatnonzero(both[:, q])
        if not len(i):
            continue
        a, b = first[i, :, q].argmax(1), second[i, :, q].argmax(1)
        box = lambda o: (s["x"][i, o], s["y"][i, o], s["r"][i, o], world.EXTENT[np.maximum(s["shape"][i, o], 0)])
        (ax, ay, ar, ae), (bx, by, br, be) = box(a), box(b)
        off = np.stack([ax + ar * (ae[:, 0] + ae[:, 2]) / 2 - bx - br * (be[:, 0] + be[:, 2]) / 2,
                        ay + ar * (ae[:, 1] + ae[:, 3]) / 2 - by - br * (be[:, 1] + be[:, 3]) / 2], 1)
        size = np.stack([ar * (ae[:, 2] - ae[:, 0]) + br * (be[:, 2] - be[:, 0]),
                         ar * (ae[:, 3] - ae[:, 1]) + br * (be[:, 3] - be[:, 1])], 1)
        rev = np.maximum(np.abs(off) - .1 * size, 0) * np.sign(off) / np.maximum(np.linalg.norm(off, axis=1), 1e-6)[:, None]
        v = np.choose(arg[q], [-rev[:, 0], rev[:, 0], -rev[:, 1], rev[:, 1]])
        out[i, q] = np.where(v > .55, 1, np.where(v < .4, 0, -1))
    return out
