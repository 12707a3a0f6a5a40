# SPDX-License-Identifier: Apache-2.0
"""A whole steered run with the reference FK code on diffusers: the other side of fk_run.sh.

The reference's particle class is not part of this project: give its file (text_to_image/fkd_diffusers/fkd_class.py of
the Feynman-Kac steering authors' repository) with --fkd-class. The loop is what their pipeline does: classifier-free
guidance in one batch, DDIM with eta 1, at scheduled steps decode the predicted clean latents to 8-bit pictures, score
them, resample; at the end decode the latents.

Prints one JSON line: seconds to import, to load, and of each timed run.
"""
import argparse
import json
import time

t0 = time.perf_counter()
import importlib.util
import os

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

IMPORTED = time.perf_counter() - t0


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--clip", required=True)
    p.add_argument("--fkd-class", required=True)
    p.add_argument("--prompt", default="a photo of a red circle and a blue square")
    p.add_argument("--particles", type=int, default=8)
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--guidance", type=float, default=3.0)
    p.add_argument("--lmbda", type=float, default=10.0)
    p.add_argument("--start", type=int, default=20, help="first resampling step")
    p.add_argument("--every", type=int, default=10)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--warmups", type=int, default=0)
    p.add_argument("--runs", type=int, default=1)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--out", default=None, help="folder for the pictures")
    return p.parse_args()


def main():
    a = parse()
    torch.set_num_threads(a.threads)
    spec = importlib.util.spec_from_file_location("fkd_class", a.fkd_class)
    fkd_module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fkd_module)

    t = time.perf_counter()
    pipe = StableDiffusionPipeline.from_pretrained(a.model, safety_checker=None, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    clip = CLIPModel.from_pretrained(a.clip).eval()
    processor = CLIPImageProcessor.from_pretrained(a.clip)
    tokenizer = CLIPTokenizer.from_pretrained(a.clip)
    loaded = time.perf_counter() - t

    runs = []
    for i in range(a.warmups + a.runs):
        t = time.perf_counter()
        images = run(a, pipe, clip, processor, tokenizer, fkd_module.FKD)
        if i >= a.warmups:
            runs.append(time.perf_counter() - t)
    if a.out:
        os.makedirs(a.out, exist_ok=True)
        for i, image in enumerate(images):
            image.save(os.path.join(a.out, f"{i:04d}.png"))
    print(json.dumps({"import_s": IMPORTED, "load_s": loaded, "runs_s": runs}))


@torch.no_grad()
def run(a, pipe, clip, processor, tokenizer, FKD):
    generator = torch.Generator().manual_seed(a.seed)
    torch.manual_seed(a.seed)

    def decode(latents):
        image = pipe.vae.decode(latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
        return (image / 2 + 0.5).clamp(0, 1)

    def pictures(tensor):
        return [Image.fromarray((x * 255).round().astype(np.uint8)) for x in tensor.permute(0, 2, 3, 1).numpy()]

    def reward(tensor):
        # as the reference: 8-bit pictures, and the text is encoded again at each call
        images = pictures(tensor)
        ids = tokenizer([a.prompt], return_tensors="pt", padding=True)
        pixels = processor(images=images, return_tensors="pt")
        return clip(**ids, **pixels).logits_per_image[:, 0]

    fkd = FKD(potential_type="max", lmbda=a.lmbda, num_particles=a.particles, adaptive_resampling=False,
              resample_frequency=a.every, resampling_t_start=a.start, resampling_t_end=a.steps - 1,
              time_steps=a.steps, reward_fn=reward, reward_min_value=0.0, latent_to_decode_fn=decode,
              device=torch.device("cpu"))
    prompt, negative = pipe.encode_prompt(a.prompt, "cpu", a.particles, True, "")
    text = torch.cat([negative, prompt])
    pipe.scheduler.set_timesteps(a.steps)
    size = pipe.unet.config.sample_size
    latents = torch.randn((a.particles, pipe.unet.config.in_channels, size, size), generator=generator)
    latents = latents * pipe.scheduler.init_noise_sigma
    for i, t in enumerate(pipe.scheduler.timesteps):
        x = pipe.scheduler.scale_model_input(torch.cat([latents] * 2), t)
        out = pipe.unet(x, t, encoder_hidden_states=text, return_dict=False)[0]
        uncond, cond = out.chunk(2)
        out = uncond + a.guidance * (cond - uncond)
        step = pipe.scheduler.step(out, t, latents, eta=1.0, generator=generator)
        latents, _ = fkd.resample(sampling_idx=i, latents=step.prev_sample, x0_preds=step.pred_original_sample)
    return pictures(decode(latents))


if __name__ == "__main__":
    main()
