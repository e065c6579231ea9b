"""The comparison that a new user sees first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend.jobs import TrainingJobs
from backend.planning import settle
from backend.storage import RunStore
from models.config import RunConfig
from models.priors import PRIORS


def comparison(dataset: str, priors: Iterable[str], seeds: Iterable[int]) -> Iterator[RunConfig]:
    """Yield a run for each seed and prior, and leave all else to the data set."""
    kinds = list(priors)
    for seed in seeds:
        for kind in kinds:
            yield RunConfig.model_validate(
                {"dataset": dataset, "prior": {"kind": kind}, "training": {"seed": seed}}
            )


def queue_demo(store: RunStore, jobs: TrainingJobs) -> None:
    """Queue all priors on the digits, if the store is empty."""
    if store.list(limit=1).total == 0:
        for config in comparison("digits", PRIORS, seeds=[0]):
            settled = settle(config, store.datasets)
            jobs.submit(settled, PRIORS[settled.prior.kind].title)
