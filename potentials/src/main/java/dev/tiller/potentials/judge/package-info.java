// SPDX-License-Identifier: Apache-2.0
/**
 * Vision-language models as judges, behind the OpenAI-compatible chat API or Ollama's: asked in versioned words, paid
 * within a budget, remembered on disk, parsed strictly, and flagged rather than guessed where they do not answer.
 */
@NullMarked
package dev.tiller.potentials.judge;

import org.jspecify.annotations.NullMarked;
