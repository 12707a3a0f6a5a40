#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times vector-Jacobian products of a UNet by its sample, and their peak memory, in Tiller and in diffusers (autograd).

As unet_vs_diffusers.py: networks with random weights, each side a process that answers requests, sides in turn, ratios
within rounds. The weights of diffusers require no gradient. Peaks are of resident memory, of the whole process.

Usage: vjp_vs_diffusers.py JAVA_CLASSPATH [--threads 2] [--rounds 3] [--case mid:2:64] [--cpu]
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from unet_vs_diffusers import JAVA, NETWORKS

# name: type, checkpointing
TILLER = {"ON": ("float32", "ON"), "OFF": ("float32", "OFF"), "bf16 ON": ("bfloat16", "ON"),
          "bf16 OFF": ("bfloat16", "OFF")}


def serve(folder, checkpointing, threads):
    """The diffusers side, as a process."""
    import time

    import torch
    from diffusers import UNet2DConditionModel

    torch.set_num_threads(threads)
    unet = UNet2DConditionModel.from_pretrained(folder).eval().requires_grad_(False)
    if checkpointing:
        unet.train().enable_gradient_checkpointing()
    print("ready, torch", torch.__version__, flush=True)
    for line in sys.stdin:
        batch, size, repeats = map(int, line.split())
        prompt = torch.randn(batch, 77, unet.config.cross_attention_dim)
        cotangent = torch.randn(batch, unet.config.out_channels, size, size)
        answer = []
        for _ in range(repeats):
            sample = torch.randn(batch, unet.config.in_channels, size, size, requires_grad=True)
            cpu, wall = time.thread_time(), time.perf_counter()
            torch.autograd.grad(unet(sample, 500, prompt).sample, sample, cotangent)
            answer.append(f"{1e3 * (time.perf_counter() - wall):.3f}/{1e3 * (time.thread_time() - cpu):.3f}")
        with open("/proc/self/status") as status:
            peak = next(int(l.split()[1]) // 1024 for l in status if l.startswith("VmHWM"))
        print(" ".join(answer), peak, flush=True)


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"})
        self.about = self.process.stdout.readline()
        self.times, self.peak = [], 0

    def ask(self, batch, size, repeats, cpu):
        self.process.stdin.write(f"{batch} {size} {repeats}\n")
        self.process.stdin.flush()
        *times, peak = self.process.stdout.readline().split()
        self.peak = int(peak)
        return statistics.median(float(t.split("/")[1 if cpu else 0]) for t in times)

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2], sys.argv[3] == "ON", int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classpath")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--case", default="mid:2:64", help="NETWORK:BATCH:SIZE")
    parser.add_argument("--sides", default=",".join(TILLER))
    parser.add_argument("--cpu", action="store_true", help="CPU time of the calling thread (use with --threads 1)")
    args = parser.parse_args()
    from diffusers import UNet2DConditionModel
    import torch

    network, batch, size = args.case.split(":")
    with tempfile.TemporaryDirectory() as temp:
        torch.manual_seed(0)
        UNet2DConditionModel(**NETWORKS[network]).save_pretrained(temp)
        here = [sys.executable, __file__, "--serve", temp]
        sides = {"diffusers": Side([*here, "OFF", str(args.threads)]),
                 "diffusers ON": Side([*here, "ON", str(args.threads)])}
        for name in args.sides.split(","):
            # Java as the launcher runs it: its second compiler would take a core's time from the operations.
            sides[name] = Side([JAVA, "-Xms32m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                                f"-Dtiller.threads={args.threads}", "-cp", args.classpath,
                                "dev.tiller.samplers.unet.VjpBench", temp, *TILLER[name]])
        for side in sides.values():
            side.ask(batch, size, 1, args.cpu)
        for i in range(args.rounds):
            for side in (list(sides.values()) if i % 2 == 0 else list(sides.values())[::-1]):
                side.times.append(side.ask(batch, size, args.repeats, args.cpu))
        reference = sides["diffusers"]
        print(f"{args.case}, load {os.getloadavg()[0]:.1f}, {args.threads} threads, {args.rounds} rounds; "
              f"milliseconds of {'CPU time' if args.cpu else 'wall clock'}, peak MB, ratios to diffusers")
        for name, side in sides.items():
            ratios = [a / b for a, b in zip(side.times, reference.times)]
            print(f"{name:>13} {statistics.median(side.times):9.0f} ms {statistics.median(ratios):5.2f} "
                  f"[{min(ratios):.2f}, {max(ratios):.2f}] {side.peak:6d} MB {side.peak / reference.peak:5.2f}", flush=True)
        for side in sides.values():
            side.close()


if __name__ == "__main__":
    main()
