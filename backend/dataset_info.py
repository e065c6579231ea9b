"""From data sets to what is answered about them."""

from __future__ import annotations

import torch

from backend.dataset_schemas import Counts, DatasetImages, DatasetInfo
from backend.datasets import Datasets
from backend.errors import InvalidRequestError
from backend.pictures import shown
from models.data import Dataset, Split, SplitName
from models.data.description import Description


def dataset_info(described: Description, datasets: Datasets) -> DatasetInfo:
    """Return what a data set is like."""
    train, validation, test = described.counts
    return DatasetInfo(
        id=described.id,
        title=described.title,
        description=described.description,
        kind=described.kind,
        source=described.source,
        removable=datasets.is_removable(described),
        image_shape=list(described.image_shape),
        num_values=described.num_values,
        feature_names=list(described.feature_names),
        feature_ranges=described.feature_ranges and list(described.feature_ranges),
        label_names=list(described.label_names),
        class_counts=list(described.class_counts),
        counts=Counts(train=train, validation=validation, test=test, total=described.num_rows),
        statistics=described.statistics,
        notes=list(described.notes),
        bytes=described.bytes,
        memory_mapped=datasets.is_mapped(described),
        proposal=datasets.proposal(described.id),
    )


def dataset_rows(
    data: Dataset, split: SplitName | None, index: list[int] | None, max_points: int
) -> DatasetImages:
    """Return rows by their numbers in a split, or in the files where that is None.

    Raises:
        InvalidRequestError: a number is too large, or there are too many.
    """
    rows = data.rows if split is None else data.split(split)
    chosen = _choose(len(rows), index, max_points)
    return rows_of(data, data.at(chosen) if split is None else rows[chosen])


def rows_of(data: Dataset, rows: Split) -> DatasetImages:
    """Return rows as pictures or vectors."""
    these = shown(rows.x, data)
    return DatasetImages(
        images=these.images,
        values=these.values,
        label=rows.label.numpy(),
        index=rows.index.numpy(),
    )


def _choose(count: int, index: list[int] | None, max_points: int) -> torch.Tensor:
    asked = count if index is None else len(index)
    if asked > max_points:
        raise InvalidRequestError.at(
            "index",
            f"{asked} rows are over the limit of {max_points} (PRIORSCOPE_MAX_POINTS). There are "
            f"{count}, from 0: ask for some of them, such as 0,5,9.",
        )
    if index is None:
        return torch.arange(count)
    if max(index) >= count:
        raise InvalidRequestError.at(
            "index", f"{max(index)} is too large: there are {count} rows, from 0."
        )
    return torch.tensor(index)
