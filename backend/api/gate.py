"""The gate: what every request has to pass before anything else looks at it."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.access import Access, comes_from_elsewhere
from backend.api import sign_in
from backend.api.problems import problem
from backend.errors import (
    CrossSiteError,
    PriorscopeError,
    TokenRequiredError,
    UnsupportedBodyError,
    WrongHostError,
)

logger = logging.getLogger(__name__)

ALIVE = "/api/alive"
"""Open to all who know the server's name, for whoever watches over it; it says nothing."""

_READING = ("GET", "HEAD", "OPTIONS")
# What a page may send to any other site without asking there first.
_SENT_UNASKED = ("", "text/plain", "multipart/form-data", sign_in.FORM)


class Gate:
    """Middleware that lets in who may come in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There are no web sockets here.
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except PriorscopeError as error:
            answer = problem(error)
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """Return None for a request that may pass.

        Raises:
            PriorscopeError: it may not.
        """
        self._check_host(request)
        self._check_origin(request)
        if request.scope["path"] == ALIVE:
            return None
        if self.access.token is not None and (answer := await self._check_token(request)):
            return answer
        _check_body(request)
        if _is_visit(request) and sign_in.shown_token(request) is not None:
            return sign_in.without_token(request)
        return None

    def _check_host(self, request: Request) -> None:
        host = request.headers.get("host", "")
        if not self.access.answers_to(host):
            raise WrongHostError(
                f"This server does not answer to the name “{host[:100]}”. If that is how it is to "
                "be reached, start it with the name in PRIORSCOPE_ALLOWED_HOSTS."
            )

    def _check_origin(self, request: Request) -> None:
        if comes_from_elsewhere(request.method, request.headers):
            raise CrossSiteError(
                "A page of another site, or of another port, is behind this request. Open the page "
                "of this server itself, or use the interface from a program."
            )

    async def _check_token(self, request: Request) -> Response | None:
        """Return an answer to those who are not let in, or who have just come in."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self.access.admits(given.strip()):
                return None
            _log_wrong(request)
            raise TokenRequiredError(
                "The token is wrong. The server printed the right one where it was started, unless "
                "it was set by PRIORSCOPE_TOKEN."
            )
        if self._has_cookie(request):
            return None
        if _is_visit(request):
            shown = sign_in.shown_token(request)
            if shown is not None and self.access.admits(shown):
                return sign_in.let_in(request, self.access)
            if shown is not None:
                _log_wrong(request)
                return sign_in.page(wrong=True)
            if _wants_page(request):
                return sign_in.page()
        if _is_form(request):
            if self.access.admits(await sign_in.entered_token(request)):
                return sign_in.let_in(request, self.access)
            _log_wrong(request)
            return sign_in.page(wrong=True)
        raise TokenRequiredError(
            "This server asks for its token. In a browser: load the page again, and sign in. From "
            "a program: send the header “Authorization: Bearer TOKEN”; the commands and the Python "
            "client read it from PRIORSCOPE_TOKEN."
        )

    def _has_cookie(self, request: Request) -> bool:
        seal = request.cookies.get(sign_in.cookie_name(request))
        return seal is not None and self.access.admits_seal(seal)


def _check_body(request: Request) -> None:
    """Refuse bodies that a form of any site could send.

    Raises:
        UnsupportedBodyError: it is one.
    """
    if request.method in _READING or not _has_body(request):
        return
    if (sent := _body_type(request)) in _SENT_UNASKED:
        raise UnsupportedBodyError(
            f"A body of type {sent or 'unknown'} is not taken, for any page of any site could send "
            "one. Send JSON as application/json, and files as application/octet-stream."
        )


def _log_wrong(request: Request) -> None:
    logger.warning("A wrong token was shown by %s", request.client and request.client.host)


def _has_body(request: Request) -> bool:
    return (
        request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    )


def _body_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_visit(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _is_form(request: Request) -> bool:
    path: str = request.scope["path"]
    is_route = path.startswith("/api/") and path != "/api/docs"
    return request.method == "POST" and _body_type(request) == sign_in.FORM and not is_route
