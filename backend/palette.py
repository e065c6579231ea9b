"""One palette for all frames of an animation, so that flat areas neither flicker nor change hue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_COLOURS = 256  # as many as a GIF can have
_EXACT = 160  # of them go to the most frequent colours as they are: fills, lines, classes
_BITS = 6  # of each channel by which other colours are looked up
_SAMPLED = 24  # frames that the palette is made from

Pixels = NDArray[np.uint8]


class Palette:
    """At most 256 colours, and which of them is nearest to any other."""

    def __init__(self, colours: Pixels) -> None:
        """Take ``(n, 3)`` colours, the most frequent ones first."""
        self.colours = colours
        steps = (np.arange(2**_BITS) + 0.5) * 2 ** (8 - _BITS)
        cells = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
        chosen = colours.astype(np.float32)
        cells = cells.astype(np.float32)
        distance = (chosen**2).sum(1) - 2 * cells @ chosen.T
        self._nearest = distance.argmin(1).astype(np.uint8)
        # Where two share a cell the more frequent one has it.
        self._nearest[_cell(colours[::-1])] = np.arange(len(colours) - 1, -1, -1)

    @classmethod
    def of(cls, frames: Sequence[Pixels]) -> Palette:
        """Choose the colours of frames ``(height, width, 3)``, from some of them."""
        step = -(-len(frames) // _SAMPLED)
        packed = np.concatenate([_pack(frame).ravel() for frame in frames[::step]])
        found, counts = np.unique(packed, return_counts=True)
        found = found[np.argsort(-counts, kind="stable")]
        if len(found) <= _COLOURS:
            return cls(_unpack(found))
        # The rest are mostly blends along edges; each counts once, so that rare hues have a say.
        blends = Image.fromarray(_unpack(found[_EXACT:]).reshape(1, -1, 3))
        quantized = blends.quantize(_COLOURS - _EXACT, Image.Quantize.MEDIANCUT)
        others = np.array(quantized.getpalette(), np.uint8).reshape(-1, 3)[: _COLOURS - _EXACT]
        return cls(np.concatenate([_unpack(found[:_EXACT]), others]))

    def apply(self, frame: Pixels) -> Image.Image:
        """Return the frame as an image of this palette, without dithering."""
        image = Image.fromarray(self._nearest[_cell(frame)], "P")
        image.putpalette(self.colours.tobytes())
        return image


def _cell(colours: Pixels) -> NDArray[np.uint32]:
    red, green, blue = (colours[..., channel].astype(np.uint32) for channel in range(3))
    shift = 8 - _BITS
    cells = (red >> shift) << 2 * _BITS | (green >> shift) << _BITS | (blue >> shift)
    return cells.astype(np.uint32)


def _pack(colours: Pixels) -> NDArray[np.uint32]:
    red, green, blue = (colours[..., channel].astype(np.uint32) for channel in range(3))
    packed = red << 16 | green << 8 | blue
    return packed.astype(np.uint32)


def _unpack(packed: NDArray[np.uint32]) -> Pixels:
    channels = [(packed >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)]
    return np.stack(channels, axis=-1)
