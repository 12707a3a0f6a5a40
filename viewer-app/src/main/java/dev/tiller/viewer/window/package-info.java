// SPDX-License-Identifier: Apache-2.0
/**
 * The window: a run as it goes on or as it was recorded, seen from four sides with one cursor over its steps. Everything
 * here lives on the JavaFX thread but {@link dev.tiller.viewer.window.Feed}, which takes events from the thread of a run.
 */
@NullMarked
package dev.tiller.viewer.window;

import org.jspecify.annotations.NullMarked;
