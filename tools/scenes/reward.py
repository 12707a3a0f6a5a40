# SPDX-License-Identifier: Apache-2.0
"""How well the judge orders pictures of one prompt: AUC of reward over right and wrong samples, and best of all seeds.

    python verify.py EVAL && python reward.py EVAL --clip CLIP
"""
import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

import train_clip
import verify
import world


@torch.no_grad()
def rewards(clip, words, images, texts):
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    i = torch.cat([train_clip.embed(clip, train_clip.encode_images(clip, q).pooler_output, clip.visual_projection)
                   for q in x.split(60)])
    t = train_clip.embed(clip, clip.text_model(input_ids=torch.from_numpy(words(texts))).pooler_output, clip.text_projection)
    return (clip.logit_scale.exp() * (i * t).sum(1)).numpy()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--clip", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    rows = [json.loads(line) for line in open(os.path.join(a.folder, "verdicts.jsonl"))]
    images = np.stack([np.array(Image.open(os.path.join(a.folder, r["file"])).convert("RGB")) for r in rows])
    clip, words = train_clip.load(a.clip).eval(), world.Words(a.clip, train_clip.LENGTH)
    groups = {}
    for r, v in zip(rows, rewards(clip, words, images, [r["prompt"] for r in rows])):
        groups.setdefault((r["tag"], r["prompt"]), []).append((float(v), r["correct"]))
    wins = [(g > w) + .5 * (g == w) for v in groups.values() for g, ok in v if ok for w, no in v if not no]
    best = [{"tag": t, "prompt": q, "correct": max(v)[1]} for (t, q), v in groups.items()]
    print(json.dumps({"within-prompt auc": round(float(np.mean(wins)), 4), "pairs": len(wins),
                      "best of all seeds": verify.summary(best)}))


if __name__ == "__main__":
    main()
