#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does steering work? Base, best-of-4 and FK with 4 particles at equal network evaluations, judged by the verifier.
#   tools/bench/steering.sh ROWS.jsonl [SEEDS] [PROMPTS.jsonl|scenes] [SETTING...]
# Rows that ROWS.jsonl has already are not made again, so it can be stopped and started. SEEDS are such as 0,1,2,3.
set -eu
rows=$1; seeds=${2:-0,1,2,3}; prompts=${3:-scenes}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- bon "fk,lambda=3,potential=difference,from=15,every=5"
here=$(cd "$(dirname "$0")/../.." && pwd)
"$here/tiller" --version >/dev/null   # builds, if need be
export OMP_WAIT_POLICY=PASSIVE
exec java -Xmx1g -Dai.djl.offline=true -cp "$(cat "$here/viewer-app/target/tiller.classpath")" \
    dev.tiller.benchmark.SteeringStudy "$prompts" "$rows" "$seeds" "$@"
