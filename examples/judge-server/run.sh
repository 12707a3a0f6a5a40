#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts the judge of scenes: run.sh [PORT] [--faults SHARE]. Built first by ./tiller if need be.
set -eu
home=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd -P)
"$home/tiller" --version >/dev/null
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx512m -Djava.awt.headless=true \
  -cp "$home/examples/target/classes:$(cat "$home/viewer-app/target/tiller.classpath")" \
  dev.tiller.examples.judge.JudgeServer "$@"
