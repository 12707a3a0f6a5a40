#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A small benchmark by spark-submit on a cluster of two executors on this machine, of which one is killed (kill -9) when the first
# pictures have come; compares its report with that of an undisturbed run without Spark.
#   SPARK_HOME=... tools/bench/spark.sh
set -eu
: "${SPARK_HOME:?a distribution of Spark, such as the folder of the Python package pyspark}"
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
spark=
trap 'if [ -n "$spark" ]; then kill "$spark" 2>/dev/null || true; fi; rm -rf "$out"' EXIT
trap 'exit 130' HUP INT TERM
"$here/tiller" --version >/dev/null   # builds, if need be
classpath=$(cat "$here/viewer-app/target/tiller.classpath")
export OMP_WAIT_POLICY=PASSIVE SPARK_LOCAL_IP=127.0.0.1
for module in viewer-app benchmark potentials samplers steering-core; do
    "${JAVA_HOME:+$JAVA_HOME/bin/}jar" cf "$out/$module.jar" -C "$here/$module/target/classes" .
done
jars=$(echo "$classpath" | tr ':' '\n' | grep '\.jar$' | sed 's/^/local:/'; ls "$out"/*.jar | grep -v viewer-app | sed 's/^/local:/')
set -- --first 1 --methods base,fk --particles 2 --images 2 --steps 4 --threads 1 --seed 42
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -Dai.djl.offline=true -cp "$classpath" dev.tiller.app.Main bench "$@" --out "$out/here" >/dev/null
"$SPARK_HOME/bin/spark-submit" --class dev.tiller.app.SparkMain --master 'local-cluster[2,1,2048]' \
    --conf spark.executor.memory=2g --conf spark.ui.enabled=false --conf "spark.executor.extraJavaOptions=-Dtiller.mark=$out" \
    --jars "$(echo "$jars" | paste -sd, -)" "$out/viewer-app.jar" "$@" --out "$out/spark" >"$out/said" 2>&1 &
spark=$!
units() { find "$out/spark/units" -name '[0-9a-f]*.json' 2>/dev/null | wc -l; }
while [ "$(units)" -eq 0 ] && kill -0 $spark 2>/dev/null; do sleep 0.2; done
before=$(units)
# The driver's command line has the mark too.
executor=$(pgrep -f "Dtiller.mark=$out .*CoarseGrainedExecutorBackend" | head -n 1)
if [ -z "$executor" ]; then cat "$out/said"; exit 1; fi
kill -9 "$executor"
if ! wait $spark; then cat "$out/said"; exit 1; fi
grep -o 'Lost executor [0-9]*' "$out/said" | head -n 1 || { echo "no executor was lost"; exit 1; }
sum() { (cd "$1" && find . -type f ! -name seconds.md ! -name .lock ! -path './units/*' | sort | xargs sha256sum | sha256sum); }
names() { (cd "$1/units" && find . -type f | sort); }
if [ "$(sum "$out/here")" = "$(sum "$out/spark")" ] && [ "$(names "$out/here")" = "$(names "$out/spark")" ]; then
    echo "with one of two executors killed after $before of $(units) pictures, the report is the same to the byte"
else
    echo "the report differs"; exit 1
fi
