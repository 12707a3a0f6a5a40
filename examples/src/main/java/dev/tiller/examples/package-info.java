// SPDX-License-Identifier: Apache-2.0
/**
 * Programs to read and to run, one for each public idea. Once {@code ./tiller} has built:
 *
 * <pre>
 * java -cp "examples/target/classes:$(cat viewer-app/target/tiller.classpath)" dev.tiller.examples.SteerAPicture
 * </pre>
 */
@NullMarked
package dev.tiller.examples;

import org.jspecify.annotations.NullMarked;
