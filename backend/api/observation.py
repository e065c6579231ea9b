"""Every request gets an id, a line in the log and its place in the figures."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.gate import ALIVE
from backend.api.problems import unexpected
from backend.logs import request_id
from backend.telemetry import Requests

logger = logging.getLogger("priorscope.requests")

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GONE = 499
_APART = frozenset({"/metrics", "/vendor/plotly.min.js", ALIVE})


class Observation:
    """The outermost middleware, which also answers what nobody foresaw."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app = app
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        named = _name(scope)
        request_id.set(named)
        begin, status, streams = time.perf_counter(), _GONE, False

        async def observed(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = named
                streams = headers.get("content-type", "").startswith("text/event-stream")
            await send(message)

        try:
            await self.app(scope, receive, observed)
        except ClientDisconnect:
            # Nobody is there to be answered.
            pass
        except Exception as error:
            if status != _GONE:
                # It is too late for another answer: the server logs it and ends the connection.
                raise
            response = unexpected(scope["method"], scope["path"], error)
            await response(scope, receive, observed)
        finally:
            self._note(scope, status, time.perf_counter() - begin, streams)

    def _note(self, scope: Scope, status: int, seconds: float, streams: bool) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = _route(scope, status)
        self.requests.add(method, route, status, None if streams else seconds)
        client = scope.get("client")
        milliseconds = round(1000 * seconds, 1)
        logger.info(
            # The address is logged without what follows the question mark, which may be a secret.
            "%s %s %s in %s ms",
            scope["method"],
            scope["path"],
            status,
            milliseconds,
            extra={
                "fields": {
                    "method": scope["method"],
                    "path": scope["path"],
                    "route": route,
                    "status": status,
                    "milliseconds": milliseconds,
                    "client": client[0] if client else None,
                }
            },
        )


def _name(scope: Scope) -> str:
    """Return the id that the client gave the request, if it is one, or else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def _route(scope: Scope, status: int) -> str:
    """Return the route's path, its parameters unfilled; the files of the page have one name."""
    route = scope.get("route")
    if route is not None:
        path: str = route.path
        # Routes do not know the prefix that all of them have in common.
        inside = scope["path"].startswith("/api/") and not path.startswith("/api/")
        return f"/api{path}" if inside else path
    if scope["path"] in _APART:
        named: str = scope["path"]
        return named
    return "page" if status < 400 else "none"
