"""What FastAPI refuses, as problems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.api.problems import named, unnamed
from backend.errors import FieldError, InvalidRequestError, PriorscopeError, TooLargeError
from backend.field_errors import explain


def install(app: FastAPI) -> None:
    """Answer every failure that ``app`` foresees with a problem."""
    app.add_exception_handler(PriorscopeError, named)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = tuple(_field_errors(error))
    detail = "; ".join(f"{field}: {message}" if field else message for field, message in errors)
    invalid = InvalidRequestError(detail, errors)
    return await named(request, invalid)


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
    match error.status_code:
        case 400:
            # FastAPI's answer to a body that its JSON parser choked on in an unforeseen way.
            message = "The body is not valid JSON in UTF-8."
            return await named(request, InvalidRequestError(message, (FieldError("", message),)))
        case 413:
            return await named(request, TooLargeError(str(error.detail)))
        case 405:
            return await unnamed(request, _not_allowed(request, error))
        case _:
            return await unnamed(request, error)


def _not_allowed(request: Request, error: HTTPException) -> HTTPException:
    """Name all methods of the address: FastAPI knows only those of the first route that fits."""
    allowed = (error.headers or {}).get("Allow", "GET")
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), request.url.path):
            allowed = ", ".join(sorted(name.upper() for name in operations))
    return HTTPException(405, headers={"Allow": allowed})
