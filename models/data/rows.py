"""Rows of plain numbers: checked, and made levels or real numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError
from models.data.levels import Range, range_of, scale_of
from models.data.options import ImportOptions, Limits
from models.data.source import Block, Source, sample_of_start

_FEW = 64  # numbers make no image
_PIXEL = re.compile(r"pixel_?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Numbers:
    """N rows of D numbers, as a file holds them."""

    where: str
    """what the file is called in errors"""
    label: NDArray[np.int64]
    label_names: tuple[str, ...]
    image_shape: tuple[int, ...]
    feature_names: tuple[str, ...]
    blocks: Callable[[], Iterator[NDArray[Any]]]
    """yields all rows (n, D) in order; may be asked again"""
    cell: Callable[[int, int], str]
    """names a value by its row and its place in the row"""
    own_split: NDArray[np.int8] | None = None
    notes: tuple[str, ...] = ()

    def finite_blocks(self) -> Iterator[NDArray[Any]]:
        """Yield all rows.

        Raises:
            DataError: a value is NaN or infinite, or becomes so in float32.
        """
        rows = 0
        for block in self.blocks():
            self._check(block, rows)
            rows += len(block)
            yield block

    def _check(self, block: NDArray[Any], first_row: int) -> None:
        if block.dtype.kind != "f":
            return
        with np.errstate(over="ignore"):
            good = np.isfinite(block.astype(np.float32, copy=False))
        if good.all():
            return
        row, place = (int(number) for number in np.unravel_index((~good).argmax(), block.shape))
        value = float(block[row, place])
        what = f"is {value:g}, which float32 cannot hold"
        if np.isnan(value):
            what = "is missing (NaN)"
        elif np.isinf(value):
            what = "is infinite"
        raise DataError(
            f"{self.cell(first_row + row, place)} {what}. Fill it in, or leave the row out."
        )


def source_of(numbers: Numbers, limits: Limits) -> Source:
    """Return the rows as levels, if they are images, or as real numbers.

    What the pixels of images mean depends on all of them, or on as many as ``limits.look`` says.

    Raises:
        DataError: a pixel is NaN, or out of range.
    """
    if not numbers.image_shape:
        hint = _hint(len(numbers.feature_names))
        return _source(numbers, None, lambda block: block.astype(np.float32), hint)
    scale = scale_of(_survey(numbers.finite_blocks(), limits.look), numbers.where)
    notes = () if scale.note is None else (scale.note,)
    return _source(numbers, scale.num_values, scale.levels, notes)


def image_shape_of(
    features: int, options: ImportOptions, where: str, names: Sequence[str] = ()
) -> tuple[int, ...]:
    """Return the shape of the images that rows of so many numbers are, or ().

    They are images by ``image_size``, or where the ``names`` of their columns are those of the
    pixels of a square: pixel0, pixel1 and so on.

    Raises:
        DataError: they cannot be of that size.
    """
    if options.image_size is None:
        side = math.isqrt(features)
        pixels = side * side == features >= _FEW and all(map(_PIXEL.fullmatch, names))
        return (side, side) if names and pixels else ()
    height, width = options.image_size
    if features == height * width:
        return (height, width)
    if features == height * width * 3:
        return (height, width, 3)
    raise DataError(
        f"A row of {where} holds {features:,} numbers; an image of {height}×{width} pixels has "
        f"{height * width:,}, or {height * width * 3:,} in colour. Choose another image size, or "
        "none for vectors."
    )


def _source(
    numbers: Numbers,
    num_values: int | None,
    convert: Callable[[NDArray[Any]], Block],
    notes: tuple[str, ...],
) -> Source:
    def blocks() -> Iterator[Block]:
        return (convert(block) for block in numbers.finite_blocks())

    return Source(
        label=numbers.label,
        label_names=numbers.label_names,
        image_shape=numbers.image_shape,
        num_values=num_values,
        feature_names=numbers.feature_names,
        blocks=blocks,
        sample=lambda count: sample_of_start(blocks(), len(numbers.label), count),
        own_split=numbers.own_split,
        notes=(*numbers.notes, *notes),
    )


def _hint(features: int) -> tuple[str, ...]:
    side = math.isqrt(features)
    if features < _FEW or side * side != features:
        return ()
    return (f"If each row is an image, choose its size as the image size, such as {side}×{side}.",)


def _survey(blocks: Iterable[NDArray[Any]], look: int | None) -> Range:
    found: Range | None = None
    size = 0
    for block in blocks:
        found = range_of(block) if found is None else found.joined(range_of(block))
        size += block.nbytes
        if look is not None and size >= look:
            break
    assert found is not None
    return found
