#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the bench and runs it. Needs a Python with torch and diffusers: PYTHON=… tools/bench/unet_vs_diffusers.sh [options]
set -e
cd "$(dirname "$0")/../.."
# In one go: modules that were not packaged are known to each other in the same run of Maven alone.
mvn -q -B -pl samplers -am test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
classpath="samplers/target/test-classes:samplers/target/classes:steering-core/target/classes:$(cat samplers/target/bench.classpath)"
exec "${PYTHON:-python3}" tools/bench/unet_vs_diffusers.py "$classpath" "$@"
