"""Rows on their way from files to a data set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, DataTooLargeError
from models.data.options import MAX_FEATURES, MIN_ROWS, Limits

Block = NDArray[Any]
"""Rows (n, D): uint8 levels or float32 real numbers."""

Sample = tuple[Block, NDArray[np.int64]]
"""Some rows, and their numbers."""

_START_BYTES = 64_000_000


@dataclass(frozen=True)
class Source:
    """What files hold, known before their rows are read; N rows of D values in file order."""

    label: NDArray[np.int64]
    """(N,), the number of each row's class; 0 where there are no classes"""
    label_names: tuple[str, ...]
    image_shape: tuple[int, ...]
    num_values: int | None
    feature_names: tuple[str, ...]
    blocks: Callable[[], Iterator[Block]]
    """yields all rows; may be asked again; raises DataError where a row is not as it should be"""
    sample: Callable[[int], Sample]
    """returns so many rows at the most, spread over all as well as is cheap, and their numbers"""
    own_split: NDArray[np.int8] | None = None
    """(N,), the split of each row where the files tell, -1 elsewhere; None: they tell of none"""
    notes: tuple[str, ...] = field(default=())

    @property
    def num_rows(self) -> int:
        """N."""
        return len(self.label)

    @property
    def num_features(self) -> int:
        """D."""
        return math.prod(self.image_shape) if self.image_shape else len(self.feature_names)

    @property
    def bytes(self) -> int:
        """Of all values, as they are stored."""
        return self.num_rows * self.num_features * (4 if self.num_values is None else 1)


def check_size(name: str, rows: int, features: int, value_bytes: int, limits: Limits) -> None:
    """Refuse what is too little or too much for a data set, before any of it is read.

    Raises:
        DataError: there are too few rows, or too many values in each.
        DataTooLargeError: all of them take too many bytes.
    """
    if rows < MIN_ROWS:
        raise DataError(f"{name} holds {_count(rows, 'row')}; a data set needs {MIN_ROWS} or more.")
    if features == 0:
        raise DataError(f"{name} holds rows without values.")
    if features > MAX_FEATURES:
        raise DataError(
            f"A row of {name} holds {features:,} values; at most {MAX_FEATURES:,} are allowed, as "
            "of a colour picture of 512×512 pixels. Make the pictures smaller."
        )
    size = rows * features * value_bytes
    if size > limits.bytes:
        raise DataTooLargeError(
            f"{name} holds {rows:,} rows of {features:,} values, {size / 1e6:,.0f} million bytes; "
            f"at most {limits.bytes / 1e6:,.0f} are allowed (PRIORSCOPE_MAX_DATASET_MEGABYTES)."
        )


def spread(rows: int, count: int) -> NDArray[np.int64]:
    """Return ``count`` row numbers, or all if there are no more, evenly spread over ``rows``."""
    return np.unique(np.linspace(0, rows - 1, min(rows, count)).round().astype(np.int64))


def sample_of_start(blocks: Iterable[Block], rows: int, count: int) -> Sample:
    """Return ``count`` rows spread over the first ones, all if those are few; and their numbers."""
    taken: list[Block] = []
    size = 0
    for block in blocks:
        taken.append(block)
        size += block.nbytes
        if size > _START_BYTES:
            break
    start = np.concatenate(taken)
    chosen = spread(min(rows, len(start)), count)
    return start[chosen], chosen


def rows_per_block(row_bytes: int) -> int:
    """Return how many rows are read at a time: about 8 million bytes."""
    return max(1, 8_000_000 // max(1, row_bytes))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
