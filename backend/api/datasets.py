"""Data sets and their rows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from backend.api.caching import NOT_MODIFIED, tag
from backend.api.dependencies import Chosen, Importing, Store
from backend.api.problems import problems
from backend.dataset_info import dataset_info, dataset_rows
from backend.dataset_schemas import CreateDataset, DatasetImages, DatasetInfo, Import

router = APIRouter(prefix="/datasets", tags=["data sets"])

DatasetId = Annotated[str, Path(description="The data set's id.")]


@router.get("")
def datasets(store: Store) -> list[DatasetInfo]:
    """List the data sets. Damaged ones are left out; asking for one says what is wrong."""
    return store.datasets.each(lambda described: dataset_info(described, store.datasets))


@router.post(
    "",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}}}},
        **problems(404, 409, 422, 429),
    },
)
def create_dataset(body: CreateDataset, imports: Importing, response: Response) -> Import:
    """Make a data set of an upload, or of one of openml.org. See GET /api/imports/{id}."""
    started = imports.start(body)
    response.headers["Location"] = f"/api/imports/{started.id}"
    return started


@router.get("/{dataset_id}", responses=problems(404, 409))
def dataset(dataset_id: DatasetId, store: Store) -> DatasetInfo:
    """Describe a data set: its splits, the shape and levels of its images, its labels."""
    return dataset_info(store.datasets.describe(dataset_id), store.datasets)


@router.delete("/{dataset_id}", status_code=204, responses=problems(404, 409))
def delete_dataset(dataset_id: DatasetId, store: Store) -> None:
    """Remove a data set that was added and that no run needs."""
    store.remove_dataset(dataset_id)


@router.get("/{dataset_id}/images", responses={**problems(404, 409, 422), **NOT_MODIFIED})
def dataset_images(
    dataset_id: DatasetId,
    store: Store,
    settings: Chosen,
    request: Request,
    response: Response,
    split: Annotated[
        Literal["train", "validation", "test", "all"],
        Query(description="A split in its own order, or all rows in file order."),
    ] = "all",
    index: Annotated[
        str | None,
        Query(
            description="Numbers within the split, such as 0,5,9. Default: all of them, up to "
            "PRIORSCOPE_MAX_POINTS.",
            pattern=r"^\d{1,9}(,\d{1,9})*$",
        ),
    ] = None,
) -> DatasetImages:
    """Return rows, pictures scaled to 0..255 or vectors, with labels and numbers in file order."""
    described = store.datasets.describe(dataset_id)
    if described.source == "builtin":
        tag(request, response, cache_control="private, max-age=3600")
    else:
        # Another one may get this id once it is removed.
        tag(request, response, described.created_at, cache_control="no-cache")
    chosen = None if index is None else [int(number) for number in index.split(",")]
    data = store.datasets.load(dataset_id)
    return dataset_rows(data, None if split == "all" else split, chosen, settings.max_points)
