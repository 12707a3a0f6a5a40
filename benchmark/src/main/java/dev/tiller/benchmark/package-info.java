// SPDX-License-Identifier: Apache-2.0
/**
 * Methods at equal compute on suites of prompts: what is measured is a {@link dev.tiller.benchmark.BenchPlan}, made by a {@link
 * dev.tiller.benchmark.Bench} into a {@link dev.tiller.benchmark.BenchFolder}, of which a {@link
 * dev.tiller.benchmark.BenchReport} is written.
 */
@NullMarked
package dev.tiller.benchmark;

import org.jspecify.annotations.NullMarked;
