// SPDX-License-Identifier: Apache-2.0
/** What happens in a run, as data: events, costs, manifests. Imports nothing of ours. */
@NullMarked
package dev.tiller.run;

import org.jspecify.annotations.NullMarked;
