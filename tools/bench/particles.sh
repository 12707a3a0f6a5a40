#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Seconds per particle with 4, 16 and 64 particles, the embedded model, once loaded and warm.
#   tools/bench/particles.sh [ROUNDS] [STEPS]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
"$here/tiller" --version >/dev/null   # builds, if need be
(cd "$here" && mvn -B -q -Dspotless.check.skip=true -pl viewer-app -am test-compile)
cat /proc/loadavg 2>/dev/null || true
export OMP_WAIT_POLICY=PASSIVE
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true \
    -cp "$here/viewer-app/target/test-classes:$(cat "$here/viewer-app/target/tiller.classpath")" \
    dev.tiller.app.ParticlesBench "$@"
