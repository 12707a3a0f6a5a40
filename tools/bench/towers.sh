#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the bench and runs it; --dtypes float32,bfloat16 measures both. Needs a Python with torch, transformers and PIL:
#   PYTHON=… tools/bench/towers.sh [options]
set -e
cd "$(dirname "$0")/../.."
# In one go: modules that were not packaged are known to each other in the same run of Maven alone.
mvn -q -B -pl potentials -am test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
classpath="potentials/target/test-classes:potentials/target/classes:steering-core/target/classes:$(cat potentials/target/bench.classpath)"
exec "${PYTHON:-python3}" tools/bench/towers.py "$classpath" "$@"
