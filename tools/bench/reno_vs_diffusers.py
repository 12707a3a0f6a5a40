#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times ReNO on the embedded one-step model in Tiller and in a loop on diffusers, and their peak memory; and Tiller's peak
memory of an ascent through 4 and through 32 steps of a sampler.

One iteration is UNet, VAE and reward (the embedded CLIP at its own size), forward and backward, batch 1, and one
step of SGD with Nesterov momentum. The loop on diffusers follows the authors' (Eyring et al. 2024, ReNO): gradients by
autograd through the network, the scheduler's step, the decoder, a differentiable resize and CLIP; the reward encodes its
text in every call, as theirs does, and computes in float32 beside both of Tiller's types. Sides in turn, a process each; seconds of an iteration are those of the loop, loading
not counted; peaks are of resident memory, of the whole process.

Usage: PYTHON tools/bench/reno_vs_diffusers.py [--rounds 3] [--iterations 50] [--threads 2]   (after ./tiller has built)
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HOME = pathlib.Path(__file__).resolve().parents[2]
MODEL = HOME / "samplers/target/classes/models/scenes-turbo"
CLIP = HOME / "potentials/target/classes/models/scenes-clip"
PROMPT = "a photo of a red circle and a blue square"


def loop(iterations, threads, seed, checkpointing):
    """The diffusers side: seconds of each iteration, as JSON."""
    import time

    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPModel, CLIPTextModel, CLIPTokenizer

    torch.set_num_threads(threads)
    unet = UNet2DConditionModel.from_pretrained(MODEL, subfolder="unet").requires_grad_(False).eval()
    vae = AutoencoderKL.from_pretrained(MODEL, subfolder="vae").requires_grad_(False).eval()
    text = CLIPTextModel.from_pretrained(MODEL, subfolder="text_encoder").eval()
    tokenizer = CLIPTokenizer.from_pretrained(MODEL, subfolder="tokenizer")
    scheduler = DDIMScheduler.from_pretrained(MODEL, subfolder="scheduler")
    clip = CLIPModel.from_pretrained(CLIP).requires_grad_(False).eval()
    clip_tokenizer = CLIPTokenizer.from_pretrained(CLIP)
    if checkpointing:
        unet.train().enable_gradient_checkpointing()
        vae.train().enable_gradient_checkpointing()
    scheduler.set_timesteps(1)
    (t,) = scheduler.timesteps
    with torch.no_grad():
        length = text.config.max_position_embeddings
        ids = tokenizer(PROMPT, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
        prompt = text(ids)[0]
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
    std = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)
    size = clip.config.vision_config.image_size
    unit = lambda v: v / v.norm(dim=-1, keepdim=True)
    noise = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(seed)).requires_grad_()
    optimizer = torch.optim.SGD([noise], lr=5.0, momentum=0.9, nesterov=True)
    seconds, rewards = [], []
    for _ in range(iterations):
        start = time.perf_counter()
        clean = scheduler.step(unet(noise, t, prompt).sample, t, noise).pred_original_sample
        image = (vae.decode(clean / vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        if image.shape[-1] != size:
            image = torch.nn.functional.interpolate(image, size, mode="bicubic", antialias=True)
        place = unit(clip.visual_projection(clip.vision_model((image - mean) / std).pooler_output))
        with torch.no_grad():
            ids = clip_tokenizer(PROMPT, padding="max_length", max_length=clip.config.text_config.max_position_embeddings,
                                 return_tensors="pt").input_ids
            words = unit(clip.text_projection(clip.text_model(ids).pooler_output))
        reward = clip.logit_scale.exp() * (place * words).sum()
        loss = -reward + 0.01 * (noise.norm() ** 2 / 2 - (noise.numel() - 1) * noise.norm().log())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([noise], 0.1)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        rewards.append(reward.item())
    print(json.dumps({"seconds": seconds, "rewards": [rewards[0], max(rewards)]}))


def child(command):
    """Runs a command; its output and peak resident MB."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err,
                                   env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"})
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            err.seek(0)
            sys.exit(f"{command[0]} failed: {err.read()[-800:]}")
        out.seek(0)
        return out.read(), usage.ru_maxrss / 1024


def tiller(folder, iterations, threads, seed, *options):
    """Seconds of an iteration, and peak MB."""
    out = pathlib.Path(folder) / f"{seed}-{len(list(pathlib.Path(folder).iterdir()))}"
    # Where all processors may be used Tiller chooses by itself how many it takes.
    limit = [] if threads == os.cpu_count() else ["--threads", threads]
    _, peak = child([HOME / "tiller", "run", PROMPT, "--method", "reno", "--iterations", iterations, *limit,
                     "--seed", seed, "--particles", 1, "--unsteered", 0, "--out", out, *options])
    return json.loads((out / "timing.json").read_text())["steering"] / iterations, peak


def main():
    if sys.argv[1:2] == ["--loop"]:
        return loop(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "ON")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times, peaks = {}, {}
        for seed in range(a.rounds):
            for side in ("diffusers", "diffusers, checkpointing", "Tiller", "Tiller, bfloat16"):
                if side.startswith("Tiller"):
                    second, peak = tiller(folder, a.iterations, a.threads, seed, "--dtype", side[8:] or "float32")
                else:
                    said, peak = child([sys.executable, __file__, "--loop", a.iterations, a.threads, seed,
                                        "ON" if "check" in side else "OFF"])
                    second = statistics.mean(json.loads(said)["seconds"])
                times.setdefault(side, []).append(second)
                peaks.setdefault(side, []).append(peak)
        for side in times:
            ratios = [t / d for t, d in zip(times[side], times["diffusers"])]
            print(f"{side}: {1e3 * statistics.median(times[side]):.0f} ms an iteration, ratio {statistics.median(ratios):.2f} "
                  f"[{min(ratios):.2f}, {max(ratios):.2f}]; peak {statistics.median(peaks[side]):.0f} MB, ratio "
                  f"{statistics.median(peaks[side]) / statistics.median(peaks['diffusers']):.2f}")
        few, many = (tiller(folder, 2, a.threads, 0, "--model", "scenes", "--steps", n)[1] for n in (4, 32))
        print(f"peak through 4 steps {few:.0f} MB, through 32 {many:.0f} MB, ratio {many / few:.2f}")


if __name__ == "__main__":
    main()
