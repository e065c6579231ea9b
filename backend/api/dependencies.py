"""What routes ask for: the parts of the application, and the run that the address names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.concurrency import run_in_threadpool

from backend.events import EventTail
from backend.explore import Explorer
from backend.imports import ImportJobs
from backend.jobs import TrainingJobs
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.uploads import Uploads


# At hand, hence asynchronous: FastAPI takes plain functions to another thread, and back.
async def _store(request: Request) -> RunStore:
    store: RunStore = request.app.state.store
    return store


async def _jobs(request: Request) -> TrainingJobs:
    jobs: TrainingJobs = request.app.state.jobs
    return jobs


async def _explorer(request: Request) -> Explorer:
    explorer: Explorer = request.app.state.explorer
    return explorer


async def _imports(request: Request) -> ImportJobs:
    imports: ImportJobs = request.app.state.imports
    return imports


async def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


async def _tail(request: Request) -> EventTail:
    tail: EventTail = request.app.state.tail
    return tail


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Store = Annotated[RunStore, Depends(_store)]
Jobs = Annotated[TrainingJobs, Depends(_jobs)]
Exploring = Annotated[Explorer, Depends(_explorer)]
Importing = Annotated[ImportJobs, Depends(_imports)]
Uploading = Annotated[Uploads, Depends(_uploads)]
Tail = Annotated[EventTail, Depends(_tail)]
Chosen = Annotated[Settings, Depends(_settings)]
RunId = Annotated[str, Path(description="The run's id.")]


async def existing_run(run_id: str, store: RunStore) -> Run:
    """Return the run; in another thread only where it has to be read.

    Raises:
        UnknownRunError: no run has this id.
    """
    run = store.at_hand(run_id)
    return await run_in_threadpool(store.get, run_id) if run is None else run


# Not by way of Store: to resolve a dependency takes longer than to look the run up.
async def _run(run_id: RunId, request: Request) -> Run:
    return await existing_run(run_id, request.app.state.store)


ExistingRun = Annotated[Run, Depends(_run)]
