#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How long the gallery takes to open and to search with many small runs, which are made in a temporary folder first.
#   tools/bench/gallery.sh [RUNS]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
"$here/tiller" --version >/dev/null   # builds, if need be
(cd "$here" && mvn -B -q -Dspotless.check.skip=true -pl viewer-app -am test-compile)
cat /proc/loadavg 2>/dev/null || true
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "$here/viewer-app/target/test-classes:$(cat "$here/viewer-app/target/tiller.classpath")" \
    dev.tiller.gallery.GalleryBench "$out" "${1:-10000}"
