// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.scene;

import dev.tiller.potentials.geneval.Rules;

/** A scene, a caption that is true of it, and the rules that the caption stands for. */
public record CaptionedScene(Scene scene, SceneCategory category, String caption, Rules rules) {}
