#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How smooth the window is and what it costs, on a virtual X display: a record of 256 particles and 100 steps is made (some
# 200 MB in a temporary folder), opened and scrubbed; then 64 particles make 50 steps without a window, in it,
# and in it with its frames timed, which costs some more.
#   tools/bench/window.sh [RECORD_PARTICLES RECORD_STEPS [RUN_PARTICLES RUN_STEPS]]
# TILLER_BENCH_FOLDER keeps the record for the next time. Meant for an idle machine; what it shows is no graphics card's.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
command -v Xvfb >/dev/null || { echo "Xvfb is needed: a virtual X display." >&2; exit 1; }
out=$(mktemp -d)
record=${TILLER_BENCH_FOLDER:-$out/record}
told=$(mktemp)
Xvfb -displayfd 3 -screen 0 1400x900x24 -nolisten tcp 3>"$told" >/dev/null 2>&1 &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null || true; rm -rf "$out" "$told"' EXIT
trap 'exit 130' HUP INT TERM
"$here/tiller" --version >/dev/null   # builds, if need be
(cd "$here" && mvn -B -q -Dspotless.check.skip=true -pl viewer-app -am test-compile)
while [ ! -s "$told" ]; do kill -0 "$xvfb"; sleep 1; done
DISPLAY=":$(tr -d '[:space:]' <"$told")"
export DISPLAY OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=1000

bench() {
  echo "== $*  (load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown))"
  (cd "$out" && "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseG1GC -XX:MetaspaceSize=64m -XX:TieredStopAtLevel=1 -Dprism.order=sw \
      -Dtiller.config="$out/settings" -Dai.djl.offline=true -DOPT_OUT_TRACKING=true \
      -cp "$here/viewer-app/target/test-classes:$(cat "$here/viewer-app/target/tiller.classpath")" \
      dev.tiller.app.WindowBench "$@")
}
bench make "$record" "${1:-256}" "${2:-100}"
bench replay "$record"
bench bare "${3:-64}" "${4:-50}"
bench cost "${3:-64}" "${4:-50}"
bench live "${3:-64}" "${4:-50}"
