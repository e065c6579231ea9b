"""The one place where errors become ``application/problem+json``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend.errors import FieldError, PriorscopeError
from backend.logs import request_id
from backend.server_schemas import FieldProblem, Problem

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    401: "The token is missing or wrong",
    403: "The host name is none of this server's, or a page of another site is behind the request",
    404: "No run, data set, upload, import or address of that name",
    409: "The state of the run or the data set does not allow it",
    413: "More than the settings allow",
    415: "The body is of a type or a format that is not taken",
    422: "The request is not valid; `errors` names the fields",
    429: "The queue is full, or this client asks for too much",
    503: "Too much is asked for at the same time, or the server is not ready",
    507: "The disk of the data folder is full; nothing has changed",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe error responses for the documentation of a route."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


def problem(error: PriorscopeError) -> Response:
    """Return the response to a named error."""
    return _response(
        error.status, error.slug, error.title, error.detail, error.errors, error.headers
    )


def unexpected(method: str, path: str, error: Exception) -> Response:
    """Log what nobody foresaw, and return the response to it."""
    logger.error("%s %s failed", method, path, exc_info=error)
    return problem(
        PriorscopeError("Something unexpected went wrong in the server; its log has the details.")
    )


async def named(_request: Request, error: Exception) -> Response:
    """Answer a named error, and log those that are the server's fault."""
    assert isinstance(error, PriorscopeError)
    if error.status in (500, 507):
        logger.error("%s: %s", error.title, error.detail)
    return problem(error)


async def unnamed(request: Request, error: Exception) -> Response:
    """Answer an error that has no name but that of its status, such as 404."""
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    slug = title.lower().replace(" ", "-")
    return _response(
        error.status_code, slug, title, _explain(request, error), headers=error.headers
    )


def _explain(request: Request, error: HTTPException) -> str:
    path = request.url.path
    if error.status_code == 404:
        return f"There is nothing at {path}. The interface is described at /api/docs."
    if error.status_code == 405:
        return f"{path} does not take {request.method}, but: {(error.headers or {})['Allow']}."
    return f"{error.detail} ({request.method} {path})"


def _response(
    status: int,
    slug: str,
    title: str,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    problem = Problem(
        type=f"urn:priorscope:problem:{slug}",
        title=title,
        status=status,
        detail=detail,
        errors=[FieldProblem(field=e.field, message=e.message) for e in errors] or None,
        request_id=request_id.get(),
    )
    content = json.dumps(problem.model_dump(exclude_none=True))
    return Response(content, status, headers, MEDIA_TYPE)
