"""The application: its parts, their start and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import torch
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.gzip import GZipMiddleware

from backend import __version__, api
from backend.api import caching, events, problems
from backend.api.body_limit import BodyLimit, Limit
from backend.demo import queue_demo
from backend.events import tailing
from backend.explore import Explorer
from backend.frontend import Frontend, plotly
from backend.imports import ImportJobs
from backend.jobs import TrainingJobs
from backend.schemas import Problem
from backend.settings import Settings
from backend.storage import RunStore
from backend.uploads import Uploads
from backend.workspace import Workspace

logger = logging.getLogger(__name__)

_REAP_SECONDS = 2.0


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application; without settings, with those of the environment."""
    chosen = settings or Settings()
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
    app.include_router(api.router)
    app.add_route("/vendor/plotly.min.js", plotly, include_in_schema=False)
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
    problems.install(app)
    app.add_exception_handler(caching.NotModified, caching.not_modified)
    app.add_exception_handler(events.NothingToFollowError, events.nothing_to_follow)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    # Requests already run in parallel threads, and training needs the cores more.
    torch.set_num_threads(1)
    store = RunStore(settings)
    jobs = TrainingJobs(store, settings)
    store.datasets.tidy()
    workspace = Workspace(settings.data_dir)
    uploads = Uploads(workspace, store.datasets.limits)
    imports = ImportJobs(store.datasets, uploads, workspace)
    async with tailing(store) as tail:
        app.state.uploads, app.state.imports = uploads, imports
        app.state.store, app.state.jobs, app.state.tail = store, jobs, tail
        app.state.explorer, app.state.settings = Explorer(store, settings), settings
        await asyncio.to_thread(jobs.recover)
        if settings.demo:
            await asyncio.to_thread(queue_demo, store, jobs)
        reaper = asyncio.create_task(_reap(jobs, imports))
        try:
            yield
        finally:
            reaper.cancel()
            await asyncio.to_thread(imports.close)
            await asyncio.to_thread(jobs.close)
    workspace.close()
    store.close()


async def _reap(jobs: TrainingJobs, imports: ImportJobs) -> None:
    """Notice, now and then, trainings in other programs that died, and forgotten uploads."""
    while True:
        await asyncio.sleep(_REAP_SECONDS)
        try:
            await asyncio.to_thread(jobs.reap)
            await asyncio.to_thread(imports.tidy)
        except Exception:
            logger.exception("What others left could not be looked for; trying again")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the interface; unlike FastAPI's own, with errors as they really are."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = schema["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs"), Problem=problem)
        # FastAPI assumes that a text in the address could be wrong in other ways than unknown.
        for methods in schema["paths"].values():
            for operation in methods.values():
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema
