#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pictures of many prompts by one benchmark, which loads the model once, and by one 'tiller run' a prompt, in turn: wall-clock
# seconds of each, their ratio, and what the benchmark says of its own overhead. For base (one sample a picture) and fk (four).
#   tools/bench/bench_throughput.sh [STEPS [ROUNDS]]
set -eu
steps=${1:-50}
rounds=${2:-2}
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
"$here/tiller" --version >/dev/null   # builds, if need be
cat >"$out/p.txt" <<PROMPTS
a photo of a star
a photo of a moon
a photo of two circles
a red heart left of a cross
a photo of three hearts
a blue square
a photo of a triangle above a star
a photo of a green ring
PROMPTS
prompts=$(wc -l <"$out/p.txt")
now() { date +%s.%N; }
runs() {
    while read -r prompt; do
        "$here/tiller" run "$prompt" --method "$1" --particles "$2" --unsteered 0 --steps "$steps" --out "$out/run" --force \
            </dev/null >/dev/null 2>&1
    done <"$out/p.txt"
}
bench() {
    "$here/tiller" bench --suite "$out/p.txt" --methods "$1" --particles "$2" --images 1 --steps "$steps" --out "$out/b$3" \
        >/dev/null 2>&1
}
for round in $(seq "$rounds"); do
    for cell in "base 1" "fk 4"; do
        # shellcheck disable=SC2086 # two words
        { a=$(now); runs $cell; b=$(now); bench $cell "$round-${cell% *}"; c=$(now); }
        echo "$a $b $c" | awk -v what="round $round, $cell" -v n="$prompts" '{ printf "%s: %.2f s a picture by runs, %.2f s by the benchmark, ratio %.2f\n", what, ($2-$1)/n, ($3-$2)/n, ($2-$1)/($3-$2) }'
        tail -n 1 "$out/b$round-${cell% *}/seconds.md"
    done
done
