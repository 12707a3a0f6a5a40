#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A whole steered run, Tiller against the reference FK code on diffusers: same checkpoint, same number of particles and
# steps, same threads, interleaved. Prints both sides' seconds and the ratios of the medians.
#   tools/bench/fk_run.sh PYTHON FKD_CLASS.py [ROUNDS] [DTYPE]
# PYTHON is an interpreter with torch, diffusers and transformers; FKD_CLASS.py is the reference's particle class, which is
# not part of this project (text_to_image/fkd_diffusers/fkd_class.py of its authors' repository).
set -eu
python=$1; fkd=$2; rounds=${3:-5}; dtype=${4:-float32}
here=$(cd "$(dirname "$0")/../.." && pwd)
models=$here/samplers/src/main/resources/models
clip=$here/potentials/src/main/resources/models/scenes-clip
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
prompt="a photo of a red circle and a blue square"
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=2
now() { date +%s.%N; }
"$here/tiller" doctor >/dev/null 2>&1 || true   # builds, if need be
i=0
while [ $i -lt "$rounds" ]; do
    t0=$(now)
    "$here/tiller" run "$prompt" --seed $i --particles 8 --steps 50 --lambda 10 --potential max --resample-from 21 \
        --resample-every 10 --unsteered 0 --dtype "$dtype" --threads 2 --out "$out/t$i" >/dev/null 2>&1
    t1=$(now)
    "$python" "$here/tools/bench/fk_on_diffusers.py" --model "$models/scenes-v1" --clip "$clip" --fkd-class "$fkd" \
        --seed $i --out "$out/p$i" >"$out/p$i.json" 2>/dev/null
    t2=$(now)
    echo "$t0 $t1 $t2" >>"$out/rounds"
    i=$((i + 1))
done
"$python" - "$out" <<'PY'
import json, statistics, sys
launch_t, launch_p, loaded_t, loaded_p = [], [], [], []
out = sys.argv[1]
for i, line in enumerate(open(f"{out}/rounds")):
    t0, t1, t2 = line.split()
    launch_t.append(float(t1) - float(t0)); launch_p.append(float(t2) - float(t1))
    loaded_t.append(json.load(open(f"{out}/t{i}/timing.json"))["steering"])
    loaded_p.append(json.loads(open(f"{out}/p{i}.json").read().splitlines()[-1])["runs_s"][0])
def show(name, a, b):
    ratios = [x / y for x, y in zip(a, b)]
    print(f"{name}: Tiller {statistics.median(a):.2f} s [{min(a):.2f}-{max(a):.2f}], diffusers {statistics.median(b):.2f} s "
          f"[{min(b):.2f}-{max(b):.2f}], ratio {statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]")
show("from launch to pictures", launch_t, launch_p)
show("the run, once loaded   ", loaded_t, loaded_p)
PY
