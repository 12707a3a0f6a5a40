#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same pictures by one benchmark and by one 'tiller run' each, in turn: wall-clock and processor seconds, and their ratio.
#   tools/bench/throughput.sh [STEPS]
set -eu
steps=${1:-50}
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$here/tiller" --version >/dev/null   # builds, if need be
{ echo "a photo of a star"; echo "a photo of a moon"; echo "a photo of two circles"; echo "a red heart left of a cross"; } >"$out/p.txt"
runs() {
    while read -r prompt; do
        "$here/tiller" run "$prompt" --particles 4 --unsteered 0 --steps "$steps" --out "$out/r$(echo "$prompt" | cksum | cut -d' ' -f1)" </dev/null
    done <"$out/p.txt"
}
bench() { "$here/tiller" bench --suite "$out/p.txt" --methods fk --particles 4 --images 1 --steps "$steps" --out "$out/b"; }
for what in runs bench; do
    t0=$(date +%s)
    ( $what >/dev/null 2>&1; times ) | tail -n 1 | sed "s/^/$what: user and system seconds /"
    echo "$what: wall-clock seconds $(($(date +%s) - t0))"
done
