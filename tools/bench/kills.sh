#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a small benchmark at random points until it is complete, at least so many times, and compares its report with that of
# an undisturbed one.
#   tools/bench/kills.sh [KILLS]
set -eu
kills=${1:-100}
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$here/tiller" --version >/dev/null   # builds, if need be
classpath=$(cat "$here/viewer-app/target/tiller.classpath")
# Not the launcher: the signal should meet Java.
bench() {
    OMP_WAIT_POLICY=PASSIVE exec java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true \
        -cp "$classpath" dev.tiller.app.Main bench --first 2 --methods base,bon,fk --particles 2,4 --images "$images" \
        --seed 42 --out "$1" >/dev/null 2>&1
}
sum() { (cd "$1" && find . -type f ! -path './units/*' ! -name seconds.md ! -name .lock | sort | xargs sha256sum | sha256sum); }
# So many images that the work lasts for the kills, at about one unit between two.
images=$((kills / 60 + 2))
t0=$(date +%s)
(bench "$out/whole")
seconds=$(($(date +%s) - t0))
n=0
while [ $n -lt "$kills" ]; do
    bench "$out/killed" &
    pid=$!
    # From the start of Java to some units later.
    sleep "$(awk -v s="$seconds" -v k="$kills" -v seed=$n 'BEGIN { srand(seed); print 0.5 + rand() * (3 + 2 * s / k) }')"
    if ! kill -9 $pid 2>/dev/null; then wait $pid || true; break; fi
    wait $pid 2>/dev/null || true
    n=$((n + 1))
done
(bench "$out/killed")
if [ "$(sum "$out/whole")" = "$(sum "$out/killed")" ]; then
    echo "after $n kills the report is the same to the byte"
else
    echo "after $n kills the report differs"; exit 1
fi
