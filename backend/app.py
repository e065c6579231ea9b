"""The application: its parts, their start and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import torch
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from backend import __version__, api
from backend.access import Access
from backend.answers import Answers
from backend.api import caching, description, events, health, problems
from backend.api.body_limit import BodyLimit, Limit
from backend.api.gate import Gate
from backend.api.headers import SafeHeaders
from backend.api.observation import Observation
from backend.demo import queue_demo
from backend.events import tailing
from backend.explore import Explorer
from backend.frontend import Frontend, plotly
from backend.import_records import ImportRecords
from backend.imports import ImportJobs
from backend.jobs import TrainingJobs
from backend.lanes import Lanes
from backend.retention import Retention, Rule
from backend.seats import Seats
from backend.settings import Settings
from backend.storage import RunStore
from backend.telemetry import Condition, Requests
from backend.uploads import Uploads
from backend.workspace import Workspace

logger = logging.getLogger(__name__)

_REAP_SECONDS = 2.0


def create_app(settings: Settings | None = None, access: Access | None = None) -> FastAPI:
    """Make the application; without settings, with those of the environment."""
    chosen = settings or Settings()
    allowed = access or Access.of(chosen)
    app = FastAPI(
        title="Priorscope",
        version=__version__,
        description="Train variational auto-encoders with a chosen prior, and explore their latent "
        "space. Errors are application/problem+json. Arrays are base64 typed arrays.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lambda app: _lifespan(app, chosen),
    )
    api.add_routes(app)
    app.add_route("/vendor/plotly.min.js", plotly, include_in_schema=False)
    app.add_route("/metrics", health.metrics, include_in_schema=False)
    app.router.default = Frontend()
    # Level 9 would take ten times as long for hardly a per cent.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    app.add_middleware(
        BodyLimit,
        usual=Limit(chosen.max_body_megabytes, "PRIORSCOPE_MAX_BODY_MEGABYTES"),
        special={
            "/api/uploads": Limit(chosen.max_upload_megabytes, "PRIORSCOPE_MAX_UPLOAD_MEGABYTES")
        },
    )
    app.add_middleware(Gate, access=allowed)
    app.add_middleware(SafeHeaders)
    # The last one is the outermost: it sees refusals and failures of all others.
    app.state.requests, app.state.access = Requests(), allowed
    app.add_middleware(Observation, requests=app.state.requests)
    problems.install(app)
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
