"""From numbers that files hold to the levels of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError

_DARK = 127  # the highest level up to which the levels that occur are taken for all there are


@dataclass(frozen=True)
class Range:
    """Of numbers: the lowest, the highest, and whether all are whole."""

    low: float
    high: float
    whole: bool

    def joined(self, other: Range) -> Range:
        """Return the range of both."""
        return Range(
            min(self.low, other.low), max(self.high, other.high), self.whole and other.whole
        )


@dataclass(frozen=True)
class Scale:
    """How numbers become levels: round(x * factor)."""

    num_values: int
    factor: float
    note: str | None

    def levels(self, block: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the levels."""
        if self.factor == 1.0 and block.dtype.kind in "bu":
            return block.astype(np.uint8)
        levels: NDArray[np.uint8] = np.rint(block * self.factor).astype(np.uint8)
        return levels


def range_of(block: NDArray[Any]) -> Range:
    """Return the range of finite numbers."""
    whole = block.dtype.kind in "biu" or bool((np.trunc(block) == block).all())
    return Range(float(block.min()), float(block.max()), whole)


def scale_of(found: Range, where: str) -> Scale:
    """Return how pixels of that range become levels.

    Raises:
        DataError: they are neither brightness from 0 to 1 nor levels from 0 to 255 or 65535.
    """
    low, high, whole = found.low, found.high, found.whole
    if low < 0 or high > 65_535 or (high > 255 and not whole):
        raise DataError(
            # Plus 0, for a minus 0 would be shown as such.
            f"The pixels in {where} run from {low:g} to {high + 0.0:g}. Give them as numbers from "
            "0 to 1 or as levels from 0 to 255."
        )
    if whole and high <= 1:
        return Scale(2, 1.0, None)
    if whole and high <= _DARK:
        levels = int(high) + 1
        return Scale(levels, 1.0, f"The highest level is {int(high)}: {levels} levels.")
    if whole and high <= 255:
        return Scale(256, 1.0, None)
    if whole:
        return Scale(256, 255 / 65_535, f"Levels up to {int(high)} became 256, of 8 bits.")
    if high <= 1:
        return Scale(256, 255.0, "Numbers from 0 to 1 became 256 levels.")
    return Scale(256, 1.0, "Numbers up to 255 were rounded to 256 levels.")
