"""The data sets there are, by id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from models.data.builtin import digits
from models.data.dataset import Dataset
from models.data.splitting import AnySplit, GivenSplit, StratifiedSplit, stratified


class UnknownDatasetError(ValueError):
    """No data set has this id."""

    def __init__(self, dataset_id: str) -> None:
        known = ", ".join(sorted(DATASETS))
        super().__init__(f"There is no data set “{dataset_id}”. Known data sets: {known}.")


DATASETS: dict[str, Callable[[], Dataset]] = {"digits": digits}


@lru_cache(maxsize=8)
def _load(dataset_id: str, seed: int | None) -> Dataset:
    given = DATASETS[dataset_id]()
    if seed is None:
        return given
    return replace(given, rows=stratified(given.rows, given.counts, seed))


def load_dataset(dataset_id: str, split: AnySplit | None = None) -> Dataset:
    """Return the data set, cut by ``split`` (as given by default). Cached: do not write to it.

    Raises:
        UnknownDatasetError: no data set has this id.
    """
    if dataset_id not in DATASETS:
        raise UnknownDatasetError(dataset_id)
    match split or GivenSplit():
        case StratifiedSplit(seed=seed):
            return _load(dataset_id, seed)
        case GivenSplit():
            return _load(dataset_id, None)
