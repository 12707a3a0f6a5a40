#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a run at a random moment (kill -9), goes on with it, and compares all that it wrote with an uninterrupted run's, again
# and again; in the end the gallery must know every run.
#   tools/bench/run_kills.sh [KILLS]
set -eu
kills=${1:-100}
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
tiller=$here/tiller
export TILLER_SETTINGS="$out/settings"
"$tiller" --version >/dev/null   # builds, if need be
run() {
  "$tiller" run "a photo of a heart above a moon" --particles 3 --steps 24 --resample-from 8 --resample-every 4 --unsteered 1 \
    --seed 5 --out "$1" </dev/null >/dev/null 2>&1
}
# timing.json holds seconds; everything else is to be the same.
sums() { (cd "$1" && find . -type f ! -name timing.json | LC_ALL=C sort | xargs sha256sum); }
begin=$(date +%s%N)
run "$out/whole"
took=$((($(date +%s%N) - begin) / 1000000))
sums "$out/whole" >"$out/expected"
i=0 early=0 late=0 different=0
while [ $i -lt "$kills" ]; do
  i=$((i + 1))
  folder=$out/runs/$i
  mkdir -p "$out/runs"
  run "$folder" & pid=$!
  after=$(awk -v seed=$((7919 * i)) -v took="$took" 'BEGIN { srand(seed); rand(); printf "%.3f", rand() * took / 1000 }')
  sleep "$after"
  # The launcher becomes Java (exec), below the shell of this function.
  pkill -9 -P $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  if [ ! -e "$folder/manifest.json" ]; then early=$((early + 1)); run "$folder"
  elif [ -e "$folder/timing.json" ]; then late=$((late + 1))
  else "$tiller" run --resume "$folder" </dev/null >/dev/null 2>"$out/err" || { cat "$out/err"; exit 1; }
  fi
  sums "$folder" | cmp -s - "$out/expected" || { different=$((different + 1)); echo "run $i differs, killed after $after s"; }
done
echo "$kills kills: $early before the run began, $late after its end, $different runs differ; a run takes $took ms"
found=$("$tiller" gallery --json "$out/runs" 2>/dev/null | grep -c '"folder"') || true
echo "the gallery finds $found of $kills runs"
[ "$different" = 0 ]
