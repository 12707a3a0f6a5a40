# SPDX-License-Identifier: Apache-2.0
"""Write trained weights as diffusers / transformers directories, float16 on disk.

    python export.py diffusion --tokenizer TOK --unet RUN|MODEL [--vae RUN/model|MODEL/vae] --out EXPORT/scenes-v1
    python export.py turbo --model MODEL --unet RUN --out EXPORT/scenes-turbo
    python export.py clip --tokenizer TOK --run RUN --out EXPORT/scenes-clip
    python export.py noisy-clip --tokenizer TOK --run RUN --out EXPORT/scenes-noisy-clip

A RUN is a trainer's folder; its averaged weights are taken. The new directory is written beside the old one and renamed.
"""
import argparse
import glob
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

import models

INDEX = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.42.1", "feature_extractor": [None, None],
         "image_encoder": [None, None], "requires_safety_checker": False, "safety_checker": [None, None],
         "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
         "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]}
PREPROCESSOR = {"crop_size": {"height": 64, "width": 64}, "do_center_crop": True, "do_convert_rgb": True,
                "do_normalize": True, "do_rescale": True, "do_resize": True,
                "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_processor_type": "CLIPImageProcessor",
                "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3,
                "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 64}}


def averaged(run, modules):
    """Load a run's EMA into modules (in the order in which the trainer lists them)."""
    c = torch.load(os.path.join(run, "checkpoint.pt"), weights_only=False)
    for m, s in zip(modules, c["modules"]):
        m.load_state_dict(s, strict=False)
    params = [p for m in modules for p in m.parameters() if p.requires_grad]
    assert len(params) == len(c["ema"])
    with torch.no_grad():
        for p, e in zip(params, c["ema"]):
            p.copy_(e)
    return c["step"], c["used"] / 60


def write(model, folder):
    """save_pretrained, then float16 tensors and a config without dtype and private paths."""
    model.save_pretrained(folder)
    for f in glob.glob(os.path.join(folder, "*.safetensors")):
        save_file({k: v.half().contiguous() if v.is_floating_point() else v for k, v in load_file(f).items()}, f,
                  metadata={"format": "pt"})
    f = os.path.join(folder, "config.json")
    c = json.load(open(f))
    c.pop("_name_or_path", None)
    with open(f, "w") as out:
        out.write(json.dumps(c, indent=2, sort_keys=True) + "\n")


def publish(new, out):
    for f in glob.glob(os.path.join(new, "**", "*"), recursive=True):
        os.chmod(f, 0o755 if os.path.isdir(f) else 0o644)
    if os.path.exists(out):
        old = out + ".old"
        shutil.rmtree(old, ignore_errors=True)
        os.rename(out, old)
    os.rename(new, out)
    shutil.rmtree(out + ".old", ignore_errors=True)


def copy_files(src, dst):
    os.makedirs(dst, exist_ok=True)
    for f in ("merges.txt", "vocab.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        if os.path.exists(os.path.join(src, f)):
            shutil.copyfile(os.path.join(src, f), os.path.join(dst, f))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=["diffusion", "turbo", "clip", "noisy-clip"])
    p.add_argument("--tokenizer")
    p.add_argument("--model", help="the teacher, whose text encoder, VAE and tokenizer a one-step model shares")
    p.add_argument("--unet", help="a run of train_unet.py, or a model directory")
    p.add_argument("--vae", help="a VAE directory")
    p.add_argument("--run", help="a run of train_clip.py")
    p.add_argument("--init", help="a CLIP directory whose architecture the run has (default: the standard one)")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    new = a.out.rstrip("/") + ".new"
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    if a.what == "diffusion":
        run = os.path.exists(os.path.join(a.unet, "checkpoint.pt"))
        unet, text = models.load_diffusion(None if run else a.unet)
        if run:
            print("step %d, minute %.1f" % averaged(a.unet, [unet, text]))
        write(unet, os.path.join(new, "unet"))
        write(text, os.path.join(new, "text_encoder"))
        write(models.load_vae(a.vae), os.path.join(new, "vae"))
        models.scheduler().save_pretrained(os.path.join(new, "scheduler"))
        copy_files(a.tokenizer, os.path.join(new, "tokenizer"))
        json.dump(INDEX, open(os.path.join(new, "model_index.json"), "w"), indent=2)
    elif a.what == "turbo":
        unet, _ = models.load_diffusion(a.model)
        print("step %d, minute %.1f" % averaged(a.unet, [unet]))
        write(unet, os.path.join(new, "unet"))
        for part in ("text_encoder", "vae", "tokenizer"):
            shutil.copytree(os.path.join(a.model, part), os.path.join(new, part))
        models.one_step_scheduler().save_pretrained(os.path.join(new, "scheduler"))
        json.dump(INDEX, open(os.path.join(new, "model_index.json"), "w"), indent=2)
    elif a.what == "noisy-clip":
        import train_noisy_reward
        write(train_noisy_reward.load(a.run), new)
        copy_files(a.tokenizer, new)
    else:
        import train_clip
        clip = train_clip.load(a.init)
        print("step %d, minute %.1f" % train_clip.averaged(a.run, clip))
        write(clip, new)
        copy_files(a.tokenizer, new)
        json.dump(PREPROCESSOR, open(os.path.join(new, "preprocessor_config.json"), "w"), indent=2)
    publish(new, a.out.rstrip("/"))


if __name__ == "__main__":
    main()
