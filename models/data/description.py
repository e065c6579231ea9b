"""What is known of a data set without its rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.data.checksums import damaged, verify
from models.data.dataset import Dataset

Kind = Literal["images", "vectors"]
SourceName = Literal["builtin", "found", "upload", "folder", "openml"]


DESCRIPTION = "dataset.json"


class Statistics(BaseModel):
    """Of all values of the training rows together."""

    minimum: float
    maximum: float
    mean: float
    share_at_extremes: float | None = Field(
        description="Share of the values at level 0 or num_values - 1. Null: real numbers."
    )


class Description(BaseModel):
    """What ``dataset.json`` holds."""

    model_config = ConfigDict(extra="forbid")
    version: Literal[1] = 1
    id: str
    title: str
    description: str
    source: SourceName
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    image_shape: tuple[int, ...]
    num_values: int | None
    feature_names: tuple[str, ...]
    label_names: tuple[str, ...]
    counts: tuple[int, int, int]
    statistics: Statistics
    feature_ranges: tuple[tuple[float, float], ...] | None
    class_counts: tuple[int, ...]
    notes: tuple[str, ...] = ()
    origin: str = ""
    """of a set that was found: what its files were like when they were unpacked"""

    @property
    def kind(self) -> Kind:
        """Images or vectors."""
        return "images" if self.image_shape else "vectors"

    @property
    def num_rows(self) -> int:
        """Rows in all three splits."""
        return sum(self.counts)

    @property
    def num_features(self) -> int:
        """D, the number of values of one row."""
        return int(np.prod(self.image_shape)) if self.image_shape else len(self.feature_names)

    @property
    def bytes(self) -> int:
        """Of the values of all rows, as they are stored."""
        return self.num_rows * self.num_features * (4 if self.num_values is None else 1)


def read_description(folder: Path) -> Description:
    """Return what the folder's data set is like.

    Raises:
        DataError: its description is missing or damaged.
    """
    try:
        described = Description.model_validate_json((folder / DESCRIPTION).read_bytes())
    except (OSError, ValidationError) as error:
        raise damaged(folder, f"its {DESCRIPTION} cannot be read") from error
    verify(folder, DESCRIPTION)
    return described


class Tally:
    """Statistics of rows that come block by block."""

    def __init__(self, num_features: int, num_values: int | None) -> None:
        self._num_values = num_values
        self._values = 0
        self._sum = 0.0
        self._extremes = 0
        self._low = np.full(num_features, np.inf)
        self._high = np.full(num_features, -np.inf)

    def add(self, block: NDArray[np.generic]) -> None:
        """Take rows (n, D)."""
        if len(block) == 0:
            return
        self._values += block.size
        self._sum += float(block.sum(dtype=np.float64))
        self._low = np.minimum(self._low, block.min(axis=0))
        self._high = np.maximum(self._high, block.max(axis=0))
        if self._num_values is not None:
            top = self._num_values - 1
            self._extremes += int(np.count_nonzero(block == 0)) + int(
                np.count_nonzero(block == top)
            )

    def statistics(self) -> Statistics:
        """Return what all blocks together are like."""
        share = None if self._num_values is None else self._extremes / self._values
        return Statistics(
            minimum=_short(self._low.min()),
            maximum=_short(self._high.max()),
            mean=self._sum / self._values,
            share_at_extremes=share,
        )

    def ranges(self) -> tuple[tuple[float, float], ...] | None:
        """Return the smallest and the largest value of each feature; None for levels."""
        if self._num_values is not None:
            return None
        return tuple(zip(map(_short, self._low), map(_short, self._high), strict=True))

    def is_constant(self) -> list[bool]:
        """Say of each feature whether all its values are the same."""
        return [bool(same) for same in self._low == self._high]


def describe(dataset: Dataset, source: SourceName) -> Description:
    """Return the description of a data set that is there."""
    train = dataset.train
    tally = Tally(dataset.num_features, dataset.num_values)
    tally.add(train.x.numpy())
    return Description(
        id=dataset.id,
        title=dataset.title,
        description=dataset.description,
        source=source,
        image_shape=dataset.image_shape,
        num_values=dataset.num_values,
        feature_names=dataset.feature_names,
        label_names=dataset.label_names,
        counts=dataset.counts,
        statistics=tally.statistics(),
        feature_ranges=tally.ranges(),
        class_counts=class_counts(train.label.numpy(), len(dataset.label_names)),
    )


def class_counts(label: NDArray[np.int64], classes: int) -> tuple[int, ...]:
    """Return the number of rows of each class; nothing where there are no classes."""
    return tuple(np.bincount(label, minlength=classes).tolist()) if classes else ()


def _short(value: np.float64) -> float:
    """Return a number of float32 as short as that has it: 4.3, not 4.300000190734863."""
    return float(str(np.float32(value)))
