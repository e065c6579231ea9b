"""Whether the server can do what it is for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from backend import __version__
from backend.errors import FieldError, NotReadyError, StoreError
from backend.events import EventTail
from backend.jobs import TrainingJobs
from backend.server_schemas import Health
from backend.settings import Settings
from backend.storage import RunStore

_LEAST_FREE = 100  # millions of bytes; checkpoints and the database's journal have to fit
_OLDEST_SECONDS = 30.0


def examine(
    settings: Settings, store: RunStore, jobs: TrainingJobs, tail: EventTail, *, token: bool
) -> Health:
    """Return the state of the server's parts.

    Raises:
        NotReadyError: some do not work; its errors name them.
    """
    free = shutil.disk_usage(settings.data_dir).free // 1_000_000
    faults = list(_faults(free, jobs, tail))
    seconds = 0.0
    try:
        seconds = store.ping()
    except StoreError as error:
        faults.append(FieldError("database", error.detail))
    if faults:
        detail = " ".join(f"{fault.field}: {fault.message}" for fault in faults)
        raise NotReadyError(detail, tuple(faults))
    return Health(
        version=__version__,
        token=token,
        database_milliseconds=round(1000 * seconds, 2),
        free_megabytes=free,
        workers=settings.workers,
        training=jobs.training,
        waiting=jobs.waiting,
    )


def _faults(free: int, jobs: TrainingJobs, tail: EventTail) -> Iterator[FieldError]:
    if free < _LEAST_FREE:
        yield FieldError(
            "disk",
            f"{free} million bytes are free on the disk of the data folder; trainings need "
            f"{_LEAST_FREE}. Delete runs or other files.",
        )
    if fault := jobs.fault:
        yield FieldError("workers", fault)
    if tail.age > _OLDEST_SECONDS:
        yield FieldError("events", f"The log of events was read {tail.age:.0f} seconds ago.")
