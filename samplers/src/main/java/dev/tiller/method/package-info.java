// SPDX-License-Identifier: Apache-2.0
/**
 * Runs by name: what can be asked for ({@link dev.tiller.method.RunPlan}), the methods that there are
 * ({@link dev.tiller.method.Methods}), and a model loaded once for many plans ({@link dev.tiller.method.LoadedModel}). The
 * command line, the benchmark and the window all start runs from here, so that the same words mean the same run.
 */
@NullMarked
package dev.tiller.method;

import org.jspecify.annotations.NullMarked;
