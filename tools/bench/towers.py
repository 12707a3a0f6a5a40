#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times CLIP rewards of Tiller and of transformers (eager, PIL preprocessing), alternating in one run.

Towers of the shapes of CLIP ViT-B/32 and ViT-L/14, with random weights and a small text tower, are made by transformers
in a temporary folder. Each side is a process of its own that answers requests, so that both see the same load; a round
asks every side once, and ratios are taken within rounds; beside wall-clock stands the processor time of all threads, which other programs
on the machine disturb less. Both begin with a batch of 8-bit pictures of random pixels and
end with a logit for each. With gradient, transformers' ends at the preprocessed pixels, whereas Tiller's goes on to the
pictures' own, through cropping and resizing. Afterwards Tiller's three rewards on one tower against one.

Tiller computes in float32, as transformers does, and with --dtypes float32,bfloat16 the linear maps of the layers in bfloat16 too.

Usage: towers.py JAVA_CLASSPATH [--threads 2] [--rounds 7] [--towers b32,l14] [--dtypes float32] [--batch 8] [--side 512]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

JAVA = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
TOWERS = {
    "b32": (512, dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, patch_size=32)),
    "l14": (768, dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, patch_size=14)),
}
TOKENIZER = "potentials/src/main/resources/models/scenes-clip"


def make(folder, tower):
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    torch.manual_seed(0)
    dimensions, vision = TOWERS[tower]
    text = dict(hidden_size=128, intermediate_size=512, num_hidden_layers=2, num_attention_heads=4, vocab_size=645,
                max_position_embeddings=24, bos_token_id=643, eos_token_id=644, pad_token_id=644)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config={**vision, "image_size": 224}, projection_dim=dimensions))
    model.save_pretrained(folder)
    CLIPImageProcessor().save_pretrained(folder)
    for name in ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(f"{TOKENIZER}/{name}", folder)


def serve(folder, threads):
    """The transformers side, as a process."""
    import time

    import numpy as np
    import torch
    from PIL import Image
    from transformers import CLIPModel
    try:
        from transformers import CLIPImageProcessorPil as Processor
    except ImportError:
        from transformers import CLIPImageProcessor as Processor

    torch.set_num_threads(threads)
    model = CLIPModel.from_pretrained(folder, attn_implementation="eager").eval().requires_grad_(False)
    processor = Processor.from_pretrained(folder)
    text = model.get_text_features(torch.tensor([[643, 7, 8, 9, 644]]))
    text = getattr(text, "pooler_output", text)
    text = text / text.norm(dim=-1, keepdim=True)
    print("ready, torch", torch.__version__, torch.get_num_threads(), "threads", type(processor).__name__, flush=True)
    random = np.random.default_rng(1)
    for line in sys.stdin:
        what, batch, side, repeats = line.split()
        answer = []
        for _ in range(int(repeats)):
            pictures = [Image.fromarray(random.integers(0, 256, (int(side), int(side), 3), dtype=np.uint8))
                        for _ in range(int(batch))]
            wall = time.perf_counter()
            cpu = time.process_time()
            pixels = processor(images=pictures, return_tensors="pt")["pixel_values"]
            gradient = what.startswith("gradient")
            pixels.requires_grad_(gradient)
            with torch.set_grad_enabled(gradient):
                places = model.get_image_features(pixels)
                places = getattr(places, "pooler_output", places)
                places = places / places.norm(dim=-1, keepdim=True)
                logits = model.logit_scale.exp() * places @ text.T
                if gradient:
                    torch.autograd.grad(logits.sum(), pixels)
            logits.tolist()
            answer.append(f"{1e3 * (time.perf_counter() - wall):.3f}/{1e3 * (time.process_time() - cpu):.3f}")
        print(" ".join(answer), flush=True)


class Side:
    def __init__(self, command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        self.about = self.process.stdout.readline().strip()

    def ask(self, *request):
        self.process.stdin.write(" ".join(map(str, request)) + "\n")
        self.process.stdin.flush()
        answers = [tuple(map(float, answer.split("/"))) for answer in self.process.stdout.readline().split()]
        return tuple(statistics.median(column) for column in zip(*answers))

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


def rounds(questions, number):
    """One list of (wall-clock, processor time) in ms for each question, asked in turns, forwards and backwards."""
    found = [[] for _ in questions]
    for ask in questions:
        ask()
    for i in range(number):
        order = list(enumerate(questions))
        for k, ask in (order if i % 2 == 0 else order[::-1]):
            found[k].append(ask())
    return found


def told(name, ours, reference, against):
    for clock, mine, theirs in zip(("wall-clock", "processor"), zip(*ours), zip(*reference)):
        ratios = [a / b for a, b in zip(mine, theirs)]
        print(f"{name:>17} {clock:>10} {statistics.median(mine):9.1f} ms {against} {statistics.median(theirs):9.1f} ms   "
              f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), of the least "
              f"{min(mine) / min(theirs):.2f}", flush=True)


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2], int(sys.argv[3]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classpath")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=1, help="of each side in a round")
    parser.add_argument("--towers", default="b32,l14")
    parser.add_argument("--dtypes", default="float32", help="of Tiller's maps: float32, bfloat16 or both")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--side", type=int, default=512, help="of the pictures, in pixels")
    parser.add_argument("--what", default="forward,gradient")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        for tower in args.towers.split(","):
            folder = f"{temp}/{tower}"
            make(folder, tower)
            reference = Side([sys.executable, __file__, "--serve", folder, str(args.threads)], OMP_WAIT_POLICY="PASSIVE")
            dtypes = args.dtypes.split(",")
            # Java as the launcher runs it: its second compiler would take a core's time from the operations.
            ours = [Side([JAVA, "-Xmx1g", "-Xmn24m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                          f"-Dtiller.threads={args.threads}", "-Dai.djl.offline=true", "-cp", args.classpath,
                          "dev.tiller.potentials.clip.TowerBench", folder, dtype],
                         OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="1000") for dtype in dtypes]
            print(f"{tower}, {args.batch} pictures of {args.side} pixels, {args.threads} threads, {args.rounds} rounds, load "
                  f"{os.getloadavg()[0]:.1f}\n  reference {reference.about}\n  tiller {ours[0].about}", flush=True)
            for what in args.what.split(","):
                request = (args.batch, args.side, args.repeats)
                asked = [lambda: reference.ask(what, *request)]
                for side in ours:
                    asked += [lambda side=side: side.ask(what, *request), lambda side=side: side.ask(what + "3", *request)]
                theirs, *found = rounds(asked, args.rounds)
                for dtype, mine, three in zip(dtypes, found[::2], found[1::2]):
                    told(f"{what} {dtype}", mine, theirs, "transformers")
                    told("three rewards", three, mine, "one")
            for side in (*ours, reference):
                side.close()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
