# SPDX-License-Identifier: Apache-2.0
"""HPSv2's preprocessing (ResizeMaxSize of its open_clip) by PIL, on small random pictures.

    python tools/rewards/golden_padding.py potentials/src/test/resources/golden/padding

Writes for every picture WIDTHxHEIGHT.rgb, its bytes, and WIDTHxHEIGHT.pixels, 3×24×24 float32 (little-endian): the longer
edge resized to 24 (bicubic, sizes rounded as Python rounds), the rest black, with an odd margin's larger half right and
below; then CLIP's mean and deviation. Needs numpy and pillow.
"""
import pathlib
import sys

import numpy as np
from PIL import Image

SIDE = 24
MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711])

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(1)
# Smaller and larger than the square, high and wide; 16 x 5 and 48 x 45 make halves that are rounded: 7.5 and 22.5.
for width, height in ((37, 26), (21, 40), (16, 5), (48, 45), (24, 24)):
    picture = Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))
    (out / f"{width}x{height}.rgb").write_bytes(picture.tobytes())
    scale = SIDE / float(max(width, height))
    if scale != 1:
        picture = picture.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    pixels = (np.asarray(square) / 255.0 - MEAN) / DEVIATION
    (out / f"{width}x{height}.pixels").write_bytes(pixels.transpose(2, 0, 1).astype("<f4").tobytes())
