// SPDX-License-Identifier: Apache-2.0
/** From prompts to the tokens that text encoders read. */
@NullMarked
package dev.tiller.text;

import org.jspecify.annotations.NullMarked;
