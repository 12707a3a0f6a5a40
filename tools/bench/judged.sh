#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scores pictures by the judge of examples/judge-server, a fifth of whose answers fail, kills the command (SIGKILL) at random
# points and starts it again, and counts at the server what was answered more than once. Needs Python for the pictures.
#   tools/bench/judged.sh [PICTURES [KILLS]]
set -eu
pictures=${1:-1000}
kills=${2:-20}
here=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
out=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
if [ -z "${BENCH_CLASSPATH:-}" ]; then
    "$here/tiller" --version >/dev/null   # builds, if need be
    BENCH_CLASSPATH="$(cat "$here/viewer-app/target/tiller.classpath"):$here/examples/target/classes"
fi
"$python" - "$out/pictures" "$pictures" <<'PYTHON'
import os, random, struct, sys, zlib
folder, count, side = sys.argv[1], int(sys.argv[2]), 64
os.makedirs(folder)
draw = random.Random(1)
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for i in range(count):
    # One disc on white, of a colour, a place and a size of its own.
    colour = draw.choice([(220, 40, 40), (40, 90, 220), (40, 160, 60)])
    x, y, r = draw.uniform(16, 48), draw.uniform(16, 48), draw.uniform(8, 14)
    rows = b"".join(b"\0" + bytes(v for px in range(side) for v in
                    (colour if (px - x) ** 2 + (py - y) ** 2 < r * r else (255, 255, 255))) for py in range(side))
    with open(f"{folder}/{i:05}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
: >"$out/server"
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx256m -cp "$BENCH_CLASSPATH" dev.tiller.examples.judge.JudgeServer 0 --faults 0.2 >"$out/server" &
server=$!
until grep -q http "$out/server"; do kill -0 "$server"; sleep 0.2; done
url=$(sed -n 's/.*\(http:.*\/v1\)$/\1/p' "$out/server")
score() {
    exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true -cp "$BENCH_CLASSPATH" \
        dev.tiller.app.Main score "$out/pictures" --prompt "a photo of a red circle" --json \
        --reward "judge(url=$url, cache=$out/cache, backoff=0.05, retries=6)" >"$out/verdicts" 2>"$out/notes"
}
kept() { find "$out/cache" -name '*.json' 2>/dev/null | wc -l; }
n=0
t0=$(date +%s)
while [ "$n" -lt "$kills" ]; do
    score &
    pid=$!
    sleep "$(awk -v seed="$n" 'BEGIN { srand(seed); print 3 + rand() * 9 }')"
    if ! kill -9 $pid 2>/dev/null; then wait $pid || true; break; fi
    wait $pid 2>/dev/null || true
    n=$((n + 1))
done
echo "$n kills in $(($(date +%s) - t0)) s; $(kept) answers are kept"
(score)
"$python" - "$out/verdicts" "$out/notes" "${url%/v1}/count" "$pictures" "$n" <<'PYTHON'
import json, sys, urllib.request
lines = [json.loads(line) for line in open(sys.argv[1])]
flagged = sum(line["score"] is None or line["score"] != line["score"] for line in lines)
count = json.load(urllib.request.urlopen(sys.argv[3]))
twice = count["answers"] - count["questions"]
print(f"{len(lines)} of {sys.argv[4]} pictures: {len(lines) - flagged} verdicts, {flagged} flags, after {sys.argv[5]} kills")
print(f"at the server: {count['requests']} requests, {count['questions']} questions answered, {twice} answers too many, "
      f"at most {count['most']} of one question")
print("notes:", *sorted({line.strip()[:160] for line in open(sys.argv[2])})[:5], sep="\n  ")
assert len(lines) == int(sys.argv[4])
PYTHON
