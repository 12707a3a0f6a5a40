#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times UNet forward passes of Tiller and of diffusers (eager), alternating in one run.

Networks with random weights are made by diffusers in a temporary folder. Each side is a process of its own that
answers requests, so that both see the same load of the machine; a round asks every side once, and the ratio is taken
within rounds. diffusers runs twice, with waiting threads that sleep (OMP_WAIT_POLICY=PASSIVE) and that spin (its
default); the faster of the two is the reference.

Usage: unet_vs_diffusers.py JAVA_CLASSPATH [--threads 2] [--rounds 7] [--dtypes float32,bfloat16] [--cases mid:1:32,...]
A case is NETWORK:BATCH:SIZE, where NETWORK is mid or tiny.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

JAVA = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
NETWORKS = {
    "mid": dict(sample_size=32, block_out_channels=(128, 256, 512), layers_per_block=2, cross_attention_dim=256,
                attention_head_dim=8,
                down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
                up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")),
    "tiny": dict(sample_size=16, block_out_channels=(64, 128), layers_per_block=1, cross_attention_dim=128,
                 attention_head_dim=4, norm_num_groups=16,
                 down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                 up_block_types=("CrossAttnUpBlock2D", "UpBlock2D")),
}


def serve(folder, dtype, threads):
    """The diffusers side, as a process."""
    import time

    import torch
    from diffusers import UNet2DConditionModel

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    unet = UNet2DConditionModel.from_pretrained(folder, torch_dtype=getattr(torch, dtype)).eval()
    print("ready, torch", torch.__version__, torch.get_num_threads(), "threads", flush=True)
    for line in sys.stdin:
        batch, size, _, repeats = map(int, line.split())
        type_ = getattr(torch, dtype)
        sample = torch.randn(batch, unet.config.in_channels, size, size, dtype=type_)
        prompt = torch.randn(batch, 77, unet.config.cross_attention_dim, dtype=type_)
        answer = []
        for _ in range(repeats):
            cpu, wall = time.thread_time(), time.perf_counter()
            unet(sample, 500, prompt)
            answer.append(f"{1e3 * (time.perf_counter() - wall):.3f}/{1e3 * (time.thread_time() - cpu):.3f}")
        print(" ".join(answer), flush=True)


class Side:
    def __init__(self, name, command, **environment):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        self.about = self.process.stdout.readline().strip()

    def ask(self, batch, size, prompts, repeats):
        self.process.stdin.write(f"{batch} {size} {prompts} {repeats}\n")
        self.process.stdin.flush()
        pairs = [tuple(map(float, p.split("/"))) for p in self.process.stdout.readline().split()]
        return [p[0] for p in pairs], [p[1] for p in pairs]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classpath")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3, help="passes of each side in a round")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--cases", default="mid:1:32,mid:4:32,mid:8:32,mid:1:64,mid:4:64,tiny:16:16,tiny:32:16")
    parser.add_argument("--no-spin", action="store_true", help="leave out spinning threads, which take seconds on a busy "
                        "machine")
    parser.add_argument("--spin", default="1000", help="GOMP_SPINCOUNT of Tiller's side: how long idle threads look for work "
                        "before they sleep; the launcher's by default")
    parser.add_argument("--java", default="-Xmx2g -Xmn24m -XX:+UseSerialGC -XX:TieredStopAtLevel=1", help="options of "
                        "Tiller's side; the launcher's by default: Java's second compiler would take turns with the network")
    parser.add_argument("--cpu", action="store_true", help="CPU time of the calling thread (use with --threads 1)")
    args = parser.parse_args()
    from diffusers import UNet2DConditionModel
    import torch

    dtypes = args.dtypes.split(",")
    cases = [c.split(":") for c in args.cases.split(",")]
    with tempfile.TemporaryDirectory() as temp:
        for network in {c[0] for c in cases}:
            torch.manual_seed(0)
            UNet2DConditionModel(**NETWORKS[network]).save_pretrained(f"{temp}/{network}")
        print(f"load {os.getloadavg()[0]:.1f}, {args.threads} threads, {args.rounds} rounds; milliseconds of "
              f"{'CPU time' if args.cpu else 'wall clock'}, median and least; "
              "ratio: Tiller / the faster diffusers in float32, median over rounds and of the least")
        print(f"{'case':>12} {'diffusers':>9} {'least':>9} " + ("" if args.no_spin else f"{'spinning':>9} {'least':>9} ")
              + " ".join(f"{d:>9} {'least':>9} {'ratio':>6} {'least':>6}" for d in dtypes))
        for network in dict.fromkeys(c[0] for c in cases):
            here = [sys.executable, __file__, "--serve", f"{temp}/{network}", "float32", str(args.threads)]
            sides = [Side("passive", here, OMP_WAIT_POLICY="PASSIVE")]
            if not args.no_spin:
                sides.append(Side("spin", here))
            references = [s.name for s in sides]
            for d in dtypes:
                sides.append(Side(d, [JAVA, *args.java.split(), f"-Dtiller.threads={args.threads}", "-cp", args.classpath,
                                      "dev.tiller.samplers.unet.UNetBench", f"{temp}/{network}", d],
                                  OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT=args.spin))
            for _, batch, size in (c for c in cases if c[0] == network):
                rounds = {s.name: [] for s in sides}
                for s in sides:
                    s.ask(int(batch), int(size), 1, 2)
                for i in range(args.rounds):
                    for s in (sides if i % 2 == 0 else sides[::-1]):
                        wall, cpu = s.ask(int(batch), int(size), 1, args.repeats)
                        rounds[s.name].append(statistics.median(cpu if args.cpu else wall))
                best = min(references, key=lambda n: statistics.median(rounds[n]))
                cells = [f"{statistics.median(rounds[r]):9.1f} {min(rounds[r]):9.1f}" for r in references]
                for d in dtypes:
                    ratio = statistics.median(a / b for a, b in zip(rounds[d], rounds[best]))
                    cells.append(f"{statistics.median(rounds[d]):9.1f} {min(rounds[d]):9.1f} {ratio:6.2f} "
                                 f"{min(rounds[d]) / min(rounds[best]):6.2f}")
                print(f"{network + ' ' + batch + '×' + size:>12} " + " ".join(cells), flush=True)
            for s in sides:
                s.close()


if __name__ == "__main__":
    main()
