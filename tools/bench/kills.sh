#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a small benchmark (kill -9) at so many random points, lets it finish, and compares its report with that of an
# undisturbed one. Says how many kills met a process that had made pictures, and one that was still loading.
#   tools/bench/kills.sh [KILLS]
set -eu
kills=${1:-100}
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
"$here/tiller" --version >/dev/null   # builds, if need be
classpath=$(cat "$here/viewer-app/target/tiller.classpath")
# Not the launcher: the signal should meet Java.
bench() {
    OMP_WAIT_POLICY=PASSIVE exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true \
        -cp "$classpath" dev.tiller.app.Main bench --first 1 --methods base,bon,fk --particles 2,4 --images "$images" \
        --steps 4 --seed 42 --out "$1" >/dev/null 2>"$out/said"
}
finished() { (bench "$1") || { cat "$out/said" >&2; exit 1; }; }
sum() { (cd "$1" && find . -type f ! -path './units/*' ! -name seconds.md ! -name .lock | sort | xargs sha256sum | sha256sum); }
units() { find "$1/units" -name '[0-9a-f]*.json' 2>/dev/null | wc -l; }
# So many images that the work lasts for the kills, of which one in three comes before a picture is made.
images=$((kills / 25 + 1))
finished "$out/whole"
n=0
working=0
while [ $n -lt "$kills" ]; do
    before=$(units "$out/killed")
    bench "$out/killed" &
    pid=$!
    # After none, one or two pictures more, and then at any time until about the next.
    # shellcheck disable=SC2046 # two words
    set -- $(awk -v seed=$((7919 * (n + 1))) 'BEGIN { srand(seed); rand(); print int(3 * rand()), rand() }')
    while [ $(($(units "$out/killed") - before)) -lt "$1" ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
    sleep "$2"
    if ! kill -9 $pid 2>/dev/null; then wait $pid || true; break; fi
    wait $pid 2>/dev/null || true
    n=$((n + 1))
    if [ "$(units "$out/killed")" -gt "$before" ]; then working=$((working + 1)); fi
done
made=$(units "$out/killed")
finished "$out/killed"
if [ "$(sum "$out/whole")" = "$(sum "$out/killed")" ]; then
    echo "after $n kills, $working of them of a process that had made pictures, $made of $(units "$out/whole") by then," \
        "the report is the same to the byte"
else
    echo "after $n kills the report differs"; exit 1
fi
