"""The application: the page at once, the interface as soon as it is there, one guard for both."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.access import Access
from backend.api.body_limit import BodyLimit, Limit
from backend.api.gate import ALIVE, Gate
from backend.api.headers import SafeHeaders
from backend.api.observation import Observation
from backend.api.problems import problem, unnamed
from backend.errors import NotReadyError
from backend.frontend import Frontend
from backend.loading import Loading
from backend.server_schemas import Alive
from backend.settings import Settings
from backend.starting import giving_way, importing
from backend.telemetry import Requests

if TYPE_CHECKING:
    from backend.interface import Interface

# While PyTorch's library is loaded no other thread gets a turn, for a quarter of a second. By the
# time that these have been imported, a browser has had the page.
_FIRST = ("fastapi", "sqlalchemy.orm")


def create_app(settings: Settings | None = None, access: Access | None = None) -> Application:
    """Make the application; without settings, with those of the environment."""
    chosen = settings or Settings()
    return Application(chosen, access or Access.of(chosen))


class Application:
    """Serves the page from the start, for it is light. PyTorch, and all that needs it, is not.

    So the interface is imported and made once the application runs, that is, in its lifespan. Who
    asks for it before it is there waits, past the guard already.
    """

    def __init__(self, settings: Settings, access: Access) -> None:
        self.access = access
        requests = Requests()
        self.loading = Loading(partial(_make_interface, settings, access, requests))
        self._life = Router(lifespan=lambda _: self.loading.under_way())
        self._page = ExceptionMiddleware(Frontend(), {HTTPException: unnamed})
        # Level 9 would take ten times as long for hardly a per cent.
        packed = GZipMiddleware(self._pass_on, minimum_size=1000, compresslevel=4)
        limited = BodyLimit(
            packed,
            usual=Limit(settings.max_body_megabytes, "PRIORSCOPE_MAX_BODY_MEGABYTES"),
            special={
                "/api/uploads": Limit(
                    settings.max_upload_megabytes, "PRIORSCOPE_MAX_UPLOAD_MEGABYTES"
                )
            },
        )
        # The outermost sees the refusals and failures of all others.
        self._guarded = Observation(SafeHeaders(Gate(limited, access)), requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or live from start to end."""
        await (self._life if scope["type"] == "lifespan" else self._guarded)(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        answer: ASGIApp = self._page
        if path.startswith("/api/") or path == "/metrics":
            answer = self.loading.interface or await self._awaited(scope["method"], path)
        await answer(scope, receive, send)

    async def _awaited(self, method: str, path: str) -> ASGIApp:
        """Wait for the interface; return it, or what answers in its place."""
        if (method, path) == ("GET", ALIVE):
            return JSONResponse(Alive().model_dump())
        try:
            return await self.loading.wait()
        except NotReadyError as error:
            return problem(error)


def _make_interface(settings: Settings, access: Access, requests: Requests) -> Interface:
    """Import and make the interface.

    Raises:
        StoreError, DiskFullError: the data folder cannot be used.
    """
    with giving_way(), importing():
        for name in _FIRST:
            import_module(name)
        from backend.interface import create_interface
        from backend.storage import RunStore

        # A store of an older version is brought up to date here, for that may take a while.
        RunStore(settings).close()
        return create_interface(settings, access, requests)
