"""Data sets: loading, splitting, counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

SplitName = Literal["train", "validation", "test"]


class UnknownDatasetError(ValueError):
    """No data set has this id."""

    def __init__(self, dataset_id: str) -> None:
        known = ", ".join(sorted(DATASETS))
        super().__init__(f"There is no data set “{dataset_id}”. Known data sets: {known}.")


class FileOrderSplit(BaseModel):
    """The first rows train, the next ones validate, the last ones test, as in the file."""

    model_config = ConfigDict(extra="forbid", title="File order")
    kind: Literal["file_order"] = "file_order"


class StratifiedSplit(BaseModel):
    """A seeded random split of the same sizes that keeps the share of every class."""

    model_config = ConfigDict(extra="forbid", title="Stratified")
    kind: Literal["stratified"] = "stratified"
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of the random split.")


SplitOptions = Annotated[FileOrderSplit | StratifiedSplit, Field(discriminator="kind")]


@dataclass(frozen=True)
class Split:
    """Images ``x`` (N, D) as whole levels, their ``label`` (N,), and ``index`` (N,).

    ``index`` is the row in the data set's file order: it names an image whatever the split.
    """

    x: Tensor
    label: Tensor
    index: Tensor

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Dataset:
    """A data set in three splits; D = product of ``image_shape``, levels 0..num_values-1."""

    id: str
    title: str
    description: str
    image_shape: tuple[int, ...]
    num_values: int
    label_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split

    @property
    def num_features(self) -> int:
        """D, the number of values of one image."""
        return self.train.x.shape[1]

    def split(self, name: SplitName) -> Split:
        """Return the split of that name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def in_file_order(self) -> Split:
        """Return all rows, ordered by ``index``."""
        parts = (self.train, self.validation, self.test)
        order = torch.cat([part.index for part in parts]).argsort()
        return Split(
            x=torch.cat([part.x for part in parts])[order],
            label=torch.cat([part.label for part in parts])[order],
            index=torch.arange(len(order)),
        )


def _digits(split: FileOrderSplit | StratifiedSplit) -> Dataset:
    # The file that load_digits() reads: importing scikit-learn would take every process a second.
    found = find_spec("sklearn")
    assert found is not None
    package = Path(str(found.origin)).parent
    table = np.loadtxt(package / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    rows = torch.from_numpy(table).long()
    x, label = rows[:, :-1].contiguous(), rows[:, -1].contiguous()
    train, validation, test = _cut(x, label, (1000, 350, 447), split)
    return Dataset(
        id="digits",
        title="Digits 8×8",
        description="1797 handwritten digits of 8×8 pixels and 17 grey levels (UCI, scikit-learn).",
        image_shape=(8, 8),
        num_values=17,
        label_names=tuple(str(digit) for digit in range(10)),
        train=train,
        validation=validation,
        test=test,
    )


DATASETS: dict[str, Callable[[FileOrderSplit | StratifiedSplit], Dataset]] = {"digits": _digits}


@lru_cache(maxsize=8)
def _load(dataset_id: str, split_json: str) -> Dataset:
    kind = StratifiedSplit if '"stratified"' in split_json else FileOrderSplit
    return DATASETS[dataset_id](kind.model_validate_json(split_json))


def load_dataset(dataset_id: str, split: FileOrderSplit | StratifiedSplit | None = None) -> Dataset:
    """Return the data set, cut by ``split`` (file order by default). Cached: do not write to it.

    Raises:
        UnknownDatasetError: no data set has this id.
    """
    if dataset_id not in DATASETS:
        raise UnknownDatasetError(dataset_id)
    return _load(dataset_id, (split or FileOrderSplit()).model_dump_json())


def _cut(
    x: Tensor,
    label: Tensor,
    sizes: tuple[int, int, int],
    split: FileOrderSplit | StratifiedSplit,
) -> tuple[Split, Split, Split]:
    """Cut the rows into (train, validation, test) of those sizes."""
    index = torch.arange(len(x))
    if isinstance(split, StratifiedSplit):
        # Late for the same reason.
        from sklearn.model_selection import train_test_split

        train, rest = train_test_split(
            index, train_size=sizes[0], stratify=label, random_state=split.seed
        )
        validation, test = train_test_split(
            rest, train_size=sizes[1], stratify=label[rest], random_state=split.seed
        )
    else:
        train, validation, test = index.split(list(sizes))
    first, second, third = (Split(x[rows], label[rows], rows) for rows in (train, validation, test))
    return first, second, third
