// SPDX-License-Identifier: Apache-2.0
/** Where models are found and what their weight files hold: safetensors, read and checked without the engine. */
@NullMarked
package dev.tiller.weights;

import org.jspecify.annotations.NullMarked;
