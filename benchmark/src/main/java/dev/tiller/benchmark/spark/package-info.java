// SPDX-License-Identifier: Apache-2.0
/** The benchmark on Apache Spark, which is there when {@code spark-submit} starts it and else need not be. */
@NullMarked
package dev.tiller.benchmark.spark;

import org.jspecify.annotations.NullMarked;
