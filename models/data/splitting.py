"""How rows become three splits."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator


class GivenSplit(BaseModel):
    """The split that comes with the data set; of the digits, their file's order."""

    model_config = ConfigDict(extra="forbid", title="As given")
    kind: Literal["given"] = "given"


class StratifiedSplit(BaseModel):
    """A seeded random split of the same sizes that keeps the share of every class."""

    model_config = ConfigDict(extra="forbid", title="Stratified")
    kind: Literal["stratified"] = "stratified"
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of the random split.")


AnySplit = GivenSplit | StratifiedSplit
SplitOptions = Annotated[AnySplit, Field(discriminator="kind")]
Share = Annotated[float, Field(gt=0.0, lt=1.0)]


class SplitShares(BaseModel):
    """A seeded random split by shares, in which every class has its share of each."""

    model_config = ConfigDict(extra="forbid", title="Split")
    train: Share = Field(0.7, description="Share of the rows that is learned from.")
    validation: Share = Field(0.15, description="Share that says when to stop.")
    test: Share = Field(
        0.15, description="Share that figures are reported of; unused where a test set comes along."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of the random split.")

    @model_validator(mode="after")
    def _check(self) -> SplitShares:
        total = self.train + self.validation + self.test
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"Train, validation and test have to add up to 1, not {total:g}.")
        return self


def deal(label: NDArray[np.int64], counts: tuple[int, ...], seed: int) -> NDArray[np.int8]:
    """Return for each row the number of the split that it is dealt to, at random.

    ``counts`` are the sizes, which add up to the number of rows. Every class is spread evenly: the
    k-th of its n rows, in random order, stands at (k + u) / n of a line that is then cut in pieces
    of those sizes.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(label))
    by_class = shuffled[np.argsort(label[shuffled], kind="stable")]
    sizes = np.bincount(label)
    rank = np.arange(len(label)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = (rank + generator.random(len(label))) / np.repeat(sizes, sizes)
    dealt = np.empty(len(label), np.int8)
    dealt[by_class[np.argsort(place, kind="stable")]] = np.repeat(
        np.arange(len(counts), dtype=np.int8), counts
    )
    return dealt


def portions(total: int, shares: tuple[float, ...]) -> tuple[int, ...]:
    """Return whole numbers that add up to ``total``, in proportion to ``shares``."""
    whole = sum(shares)
    edges = [round(total * math.fsum(shares[:end]) / whole) for end in range(len(shares) + 1)]
    return tuple(high - low for low, high in itertools.pairwise(edges))
