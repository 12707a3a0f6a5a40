# SPDX-License-Identifier: Apache-2.0
"""Make the tuning prompts (GenEval's form), ten a category, none of them in a given file where that is possible.

    python prompts.py --avoid prompts.jsonl --out tuning-prompts.jsonl

There are only ten "a photo of a SHAPE"; the tuning prompts of single_object say it in other words instead.
"""
import argparse
import json

import numpy as np

import world
from world import COLOURS, NUMBERS, SHAPES, article, plural


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--avoid", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--each", type=int, default=10)
    p.add_argument("--seed", type=int, default=2026)
    a = p.parse_args()
    used = {json.loads(line)["prompt"] for line in open(a.avoid)}
    rng, rows = np.random.default_rng(a.seed), []

    def draw(tag, make):
        n = 0
        while n < a.each:
            text, meta = make()
            if text not in used:
                used.add(text)
                rows.append({"tag": tag, **meta, "prompt": text})
                n += 1

    def two():
        return (SHAPES[i] for i in rng.choice(10, 2, replace=False))

    def pair():
        s, t = two()
        return f"a photo of {article(s)} and {article(t)}", {"include": [{"class": s, "count": 1}, {"class": t, "count": 1}]}

    def count():
        s, n = SHAPES[rng.integers(10)], int(rng.integers(2, 5))
        return f"a photo of {NUMBERS[n]} {plural(s)}", {"include": [{"class": s, "count": n}],
                                                       "exclude": [{"class": s, "count": n + 1}]}

    def colour():
        s, c = SHAPES[rng.integers(10)], COLOURS[rng.integers(10)]
        return f"a photo of {article(c + ' ' + s)}", {"include": [{"class": s, "count": 1, "color": c}]}

    def position():
        (s, t), r = two(), world.RELATIONS[rng.integers(4)]
        return f"a photo of {article(s)} {r} {article(t)}", {
            "include": [{"class": t, "count": 1}, {"class": s, "count": 1, "position": [r, 0]}]}

    def attributes():
        (s, t), (c, d) = two(), (COLOURS[i] for i in rng.choice(10, 2, replace=False))
        return f"a photo of {article(c + ' ' + s)} and {article(d + ' ' + t)}", {
            "include": [{"class": s, "count": 1, "color": c}, {"class": t, "count": 1, "color": d}]}

    shapes = iter(rng.permutation(SHAPES).tolist())

    def single():                                   # wordings whose words the model knows, but not in this order
        s = next(shapes)
        return "photo of " + article(s), {"include": [{"class": s, "count": 1}]}

    for tag, make in (("single_object", single), ("two_object", pair), ("counting", count), ("colors", colour),
                      ("position", position), ("color_attr", attributes)):
        draw(tag, make)
    with open(a.out, "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)


if __name__ == "__main__":
    main()
