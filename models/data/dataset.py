"""A data set in three splits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # For types alone: readers of files start in a tenth of the time without PyTorch.
    from torch import Tensor

SplitName = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Split:
    """Rows ``x`` (N, D), their ``label`` (N,), and ``index`` (N,).

    ``x`` are whole levels (uint8) or real numbers (float32), perhaps mapped from a file: take parts
    of it rather than the whole. ``index`` is the row in the data set's file order: it names a row
    whatever the split.
    """

    x: Tensor
    label: Tensor
    index: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: slice | Tensor) -> Split:
        return Split(self.x[rows], self.label[rows], self.index[rows])


@dataclass(frozen=True)
class Dataset:
    """A data set; D values in each row: the pixels of an image, or the features of a vector."""

    id: str
    title: str
    description: str
    image_shape: tuple[int, ...]
    """(height, width) of grey images, (height, width, 3) of colour ones, () of vectors"""
    num_values: int | None
    """values are levels 0..num_values-1; None: real numbers"""
    feature_names: tuple[str, ...]
    """of the D values of vectors; empty for images"""
    label_names: tuple[str, ...]
    """empty where the rows have no labels; then ``label`` is 0"""
    rows: Split
    """all of them, in three runs one after another: train, validation, test"""
    counts: tuple[int, int, int]
    """rows in each of the three"""

    @property
    def num_features(self) -> int:
        """D, the number of values of one row."""
        return self.rows.x.shape[1]

    @property
    def max_level(self) -> int:
        """The largest level.

        Raises:
            ValueError: the values are real numbers.
        """
        if self.num_values is None:
            raise ValueError(f"The values of “{self.id}” are real numbers, not levels.")
        return self.num_values - 1

    @cached_property
    def train(self) -> Split:
        """The rows that are learned from."""
        return self.rows[: self.counts[0]]

    @cached_property
    def validation(self) -> Split:
        """The rows that say when to stop."""
        return self.rows[self.counts[0] : self.counts[0] + self.counts[1]]

    @cached_property
    def test(self) -> Split:
        """The rows that figures are reported of."""
        return self.rows[self.counts[0] + self.counts[1] :]

    def split(self, name: SplitName) -> Split:
        """Return the split of that name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @cached_property
    def position(self) -> Tensor:
        """Where in ``rows`` the row of each ``index`` is, ``(M,)``."""
        return self.rows.index.argsort()

    def at(self, index: Tensor) -> Split:
        """Return the rows of those ``index``, numbers in file order, in that order."""
        return self.rows[self.position[index]]

    def in_file_order(self) -> Split:
        """Return a copy of all rows, ordered by ``index``."""
        return self.rows[self.position]
