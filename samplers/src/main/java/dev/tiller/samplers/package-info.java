// SPDX-License-Identifier: Apache-2.0
/** samplers */
@NullMarked
package dev.tiller.samplers;

import org.jspecify.annotations.NullMarked;
