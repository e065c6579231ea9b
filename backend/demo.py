"""The comparison that a new user sees first."""

from __future__ import annotations

from backend.jobs import TrainingJobs
from backend.planning import settle
from backend.storage import RunStore
from models.config import RunConfig
from models.priors import PRIORS


def queue_demo(store: RunStore, jobs: TrainingJobs) -> None:
    """Queue all priors on the digits, if the store is empty."""
    if store.list(limit=1).total == 0:
        for kind, prior in PRIORS.items():
            config = RunConfig.model_validate({"dataset": "digits", "prior": {"kind": kind}})
            jobs.submit(settle(config, store.datasets), prior.title)
