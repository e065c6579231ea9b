"""The interface with the parts that it speaks for: their start and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import torch
from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from backend import __version__
from backend.access import Access
from backend.answers import Answers
from backend.api import caching, description, events, health, refusals
from backend.api.routes import add_routes
from backend.condition import Condition
from backend.demo import queue_demo
from backend.events import tailing
from backend.explore import Explorer
from backend.import_records import ImportRecords
from backend.imports import ImportJobs
from backend.jobs import TrainingJobs
from backend.lanes import Lanes
from backend.retention import Retention, Rule
from backend.seats import Seats
from backend.settings import Settings
from backend.storage import RunStore
from backend.telemetry import Requests
from backend.uploads import Uploads
from backend.workspace import Workspace

logger = logging.getLogger(__name__)

_REAP_SECONDS = 2.0


class Interface(FastAPI):
    """Routes, and the answers to what they foresee. What nobody foresaw is left to who asks."""

    def build_middleware_stack(self) -> ASGIApp:
        """Leave out the outermost layer, which would answer it, and not with a problem."""
        outermost = super().build_middleware_stack()
        assert isinstance(outermost, ServerErrorMiddleware)
        return outermost.app


def create_interface(settings: Settings, access: Access, requests: Requests) -> Interface:
    """Make the interface; its lifespan starts and ends its parts."""
    app = Interface(
        title="Priorscope",
        version=__version__,
        description="Train variational auto-encoders with a chosen prior, and explore their latent "
        "space. Errors are application/problem+json. Arrays are base64 typed arrays.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lambda app: _lifespan(app, settings),
    )
    add_routes(app)
    app.add_route("/metrics", health.metrics, include_in_schema=False)
    app.state.requests, app.state.access = requests, access
    refusals.install(app)
    app.add_exception_handler(caching.NotModified, caching.not_modified)
    app.add_exception_handler(events.NothingToFollowError, events.nothing_to_follow)
    app.openapi = lambda: description.of(app)  # type: ignore[method-assign]
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    # Requests already run in parallel threads, and training needs the cores more.
    torch.set_num_threads(1)
    store = RunStore(settings)
    jobs = TrainingJobs(store, settings, trainer="server")
    store.tidy()
    store.datasets.tidy()
    workspace = Workspace(settings.data_dir)
    uploads = Uploads(workspace, store.datasets.limits)
    records = ImportRecords(settings.data_dir, store.datasets)
    imports = ImportJobs(store.datasets, uploads, workspace, records)
    async with tailing(store) as tail:
        app.state.uploads, app.state.imports = uploads, imports
        app.state.store, app.state.jobs, app.state.tail = store, jobs, tail
        app.state.explorer, app.state.settings = Explorer(store, settings), settings
        app.state.answers, app.state.lanes = Answers(settings.cache_megabytes), Lanes(settings)
        app.state.seats = Seats(settings)
        condition = Condition(
            settings, store, jobs, app.state.lanes, app.state.answers, app.state.seats
        )
        app.state.requests.registry.register(condition)
        await asyncio.to_thread(jobs.recover)
        if settings.demo:
            await asyncio.to_thread(queue_demo, store, jobs)
        retention = Retention(store, Rule.of(settings))
        reaper = asyncio.create_task(_reap(jobs, imports, retention))
        try:
            yield
        finally:
            reaper.cancel()
            await asyncio.to_thread(imports.close)
            await asyncio.to_thread(jobs.close)
    app.state.requests.registry.unregister(condition)
    workspace.close()
    store.close()


async def _reap(jobs: TrainingJobs, imports: ImportJobs, retention: Retention) -> None:
    """Notice, now and then, trainings in other programs that died, and what is not kept."""
    while True:
        await asyncio.sleep(_REAP_SECONDS)
        try:
            await asyncio.to_thread(jobs.reap)
            await asyncio.to_thread(imports.tidy)
            await asyncio.to_thread(retention.follow)
        except Exception:
            logger.exception("What others left could not be looked for; trying again")
