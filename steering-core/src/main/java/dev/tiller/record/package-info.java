// SPDX-License-Identifier: Apache-2.0
/** What a run leaves behind: its event log, its manifest, its pictures; written whole, read with suspicion. */
@NullMarked
package dev.tiller.record;

import org.jspecify.annotations.NullMarked;
