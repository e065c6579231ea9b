"""The one place where errors become ``application/problem+json``."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.errors import FieldError, InvalidRequestError, PriorscopeError, TooLargeError
from backend.field_errors import explain
from backend.logs import request_id
from backend.schemas import FieldProblem, Problem

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


def install(app: FastAPI) -> None:
    """Answer every failure of ``app`` with a problem."""
    app.add_exception_handler(PriorscopeError, _named)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


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


async def _named(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PriorscopeError)
    if error.status in (500, 507):
        logger.error("%s: %s", error.title, error.detail)
    return problem(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = tuple(_field_errors(error))
    detail = "; ".join(f"{field}: {message}" if field else message for field, message in errors)
    invalid = InvalidRequestError(detail, errors)
    return await _named(request, invalid)


def _field_errors(error: RequestValidationError) -> Iterator[FieldError]:
    for item in error.errors():
        source, *location = item["loc"]
        if item["type"] == "json_invalid":
            reason = item["ctx"]["error"]
            yield FieldError("", f"The body is not valid JSON: {reason} (character {location[0]}).")
        else:
            yield from explain([{**item, "loc": location}], error.body if source == "body" else {})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # FastAPI's answer to a body that its JSON parser choked on in an unforeseen way.
        message = "The body is not valid JSON in UTF-8."
        return await _named(request, InvalidRequestError(message, (FieldError("", message),)))
    if error.status_code == 413:
        return await _named(request, TooLargeError(str(error.detail)))
    if error.status_code == 405:
        return _not_allowed(request, error)
    title = HTTPStatus(error.status_code).phrase
    slug = title.lower().replace(" ", "-")
    return _response(
        error.status_code, slug, title, _explain(request, error), headers=error.headers
    )


def _not_allowed(request: Request, error: HTTPException) -> Response:
    """Name all methods of the address: FastAPI knows only those of the first route that fits."""
    path, method = request.url.path, request.method
    allowed = (error.headers or {}).get("Allow", "GET")
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            allowed = ", ".join(sorted(name.upper() for name in operations))
    detail = f"{path} does not take {method}, but: {allowed}."
    return _response(
        405, "method-not-allowed", "Method Not Allowed", detail, headers={"Allow": allowed}
    )


def _explain(request: Request, error: HTTPException) -> str:
    path = request.url.path
    if error.status_code == 404:
        return f"There is nothing at {path}. The interface is described at /api/docs."
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
