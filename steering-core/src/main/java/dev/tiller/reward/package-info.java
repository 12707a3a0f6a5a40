// SPDX-License-Identifier: Apache-2.0
/** What a reward is, how rewards are named and combined. */
@NullMarked
package dev.tiller.reward;

import org.jspecify.annotations.NullMarked;
