"""Data sets and their pictures."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from fastapi import APIRouter, Path, Query

from backend.api.caching import NOT_MODIFIED, CachedConstant
from backend.api.problems import problems
from backend.errors import DatasetNotFoundError, InvalidRequestError
from backend.pictures import pictures
from backend.schemas import Counts, DatasetImages, DatasetInfo
from models.data import DATASETS, Dataset, Split, UnknownDatasetError, load_dataset

router = APIRouter(prefix="/datasets", tags=["data sets"])

DatasetId = Annotated[str, Path(description="The data set's id.")]


@router.get("")
def datasets() -> list[DatasetInfo]:
    """List the data sets."""
    return [_info(load_dataset(dataset_id)) for dataset_id in DATASETS]


@router.get("/{dataset_id}", responses=problems(404))
def dataset(dataset_id: DatasetId) -> DatasetInfo:
    """Describe a data set: its splits, the shape and levels of its images, its labels."""
    return _info(_load(dataset_id))


@router.get(
    "/{dataset_id}/images",
    responses={**problems(404, 422), **NOT_MODIFIED},
    dependencies=[CachedConstant],
)
def dataset_images(
    dataset_id: DatasetId,
    split: Annotated[
        Literal["train", "validation", "test", "all"],
        Query(description="A split in file order, or all rows."),
    ] = "all",
    index: Annotated[
        str | None,
        Query(
            description="Numbers within the split, such as 0,5,9. Default: all of them.",
            pattern=r"^\d{1,9}(,\d{1,9})*$",
        ),
    ] = None,
) -> DatasetImages:
    """Return pictures, scaled to 0..255, with their labels and rows in file order."""
    data = _load(dataset_id)
    rows = data.in_file_order() if split == "all" else data.split(split)
    chosen = _choose(rows, index)
    return DatasetImages(
        images=pictures(rows.x[chosen], data),
        label=rows.label[chosen].numpy(),
        index=rows.index[chosen].numpy(),
    )


def _load(dataset_id: str) -> Dataset:
    try:
        return load_dataset(dataset_id)
    except UnknownDatasetError as error:
        raise DatasetNotFoundError(str(error)) from error


def _choose(rows: Split, index: str | None) -> torch.Tensor:
    if index is None:
        return torch.arange(len(rows))
    chosen = torch.tensor([int(number) for number in index.split(",")])
    if chosen.max() >= len(rows):
        raise InvalidRequestError.at(
            "index", f"{int(chosen.max())} is too large: this split has {len(rows)} images, from 0."
        )
    return chosen


def _info(data: Dataset) -> DatasetInfo:
    counts = [len(split) for split in (data.train, data.validation, data.test)]
    train, validation, test = counts
    return DatasetInfo(
        id=data.id,
        title=data.title,
        description=data.description,
        image_shape=list(data.image_shape),
        num_values=data.num_values,
        feature_names=list(data.feature_names),
        label_names=list(data.label_names),
        counts=Counts(train=train, validation=validation, test=test, total=sum(counts)),
    )
