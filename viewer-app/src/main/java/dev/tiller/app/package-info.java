// SPDX-License-Identifier: Apache-2.0
/** viewer-app */
@NullMarked
package dev.tiller.app;

import org.jspecify.annotations.NullMarked;
