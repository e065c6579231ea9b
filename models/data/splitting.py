"""How rows become three splits."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field

from models.data.dataset import Split


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


def stratified(rows: Split, counts: tuple[int, int, int], seed: int) -> Split:
    """Return the rows in another order: at random, every class shared out over the three counts."""
    # Late: importing scikit-learn would take every process a second.
    from sklearn.model_selection import train_test_split

    label = rows.label
    train, rest = train_test_split(
        torch.arange(len(rows)), train_size=counts[0], stratify=label, random_state=seed
    )
    validation, test = train_test_split(
        rest, train_size=counts[1], stratify=label[rest], random_state=seed
    )
    return rows[torch.cat([train, validation, test])]
