"""From data sets to what is answered about them."""

from __future__ import annotations

import torch

from backend.dataset_schemas import Counts, DatasetImages, DatasetInfo, Preview
from backend.datasets import Datasets
from backend.errors import InvalidRequestError
from backend.pictures import shown
from models.data import Dataset, Split, SplitName
from models.data.description import Description
from models.data.identity import Identity
from models.data.importing import Look
from models.data_range import DataShape
from models.misfits import misfits
from models.proposals import propose_for


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
        misfits=misfits(
            DataShape(described.image_shape, described.num_features, described.num_values)
        ),
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


def preview_of(seen: Look, identity: Identity, datasets: Datasets) -> Preview:
    """Return what an upload would become."""
    train, validation, test = seen.counts
    sample = Dataset(
        id=identity.id,
        title=identity.title,
        description=identity.description,
        image_shape=seen.image_shape,
        num_values=seen.num_values,
        feature_names=seen.feature_names,
        label_names=seen.label_names,
        rows=Split(*map(torch.from_numpy, (seen.x, seen.label, seen.numbers))),
        counts=(len(seen.x), 0, 0),
    )
    return Preview(
        id=identity.id,
        title=identity.title,
        description=identity.description or seen.description,
        kind="images" if seen.image_shape else "vectors",
        image_shape=list(seen.image_shape),
        num_values=seen.num_values,
        feature_names=list(seen.feature_names),
        feature_ranges=seen.feature_ranges and list(seen.feature_ranges),
        label_names=list(seen.label_names),
        class_counts=list(seen.class_counts),
        counts=Counts(train=train, validation=validation, test=test, total=sum(seen.counts)),
        statistics=seen.statistics,
        looked_at=seen.looked_at,
        rows=sum(seen.counts),
        bytes=seen.bytes,
        memory_mapped=datasets.would_be_mapped(seen.bytes),
        notes=list(seen.notes),
        proposal=propose_for(
            DataShape(seen.image_shape, sample.num_features, seen.num_values),
            rows=train,
            share=seen.statistics.share_at_extremes,
        ),
        sample=rows_of(sample, sample.rows),
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
