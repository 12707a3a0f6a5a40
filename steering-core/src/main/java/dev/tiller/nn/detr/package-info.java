// SPDX-License-Identifier: Apache-2.0
/**
 * DETR (Carion et al. 2020, arXiv:2005.12872): a ResNet, a transformer over its last feature map, and queries that each answer
 * with a class and a box; in the key layouts of transformers with its own ResNet and with timm's.
 */
@NullMarked
package dev.tiller.nn.detr;

import org.jspecify.annotations.NullMarked;
