"""The OpenAPI description, with errors as they really are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backend.api.gate import ALIVE
from backend.api.problems import problems
from backend.schemas import Problem

_TOKEN = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Where the server has a token. Browsers have it in a cookie.",
    }
}


def of(app: FastAPI) -> dict[str, Any]:
    """Describe the interface of ``app``; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = schema["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs"), Problem=problem)
        schema["components"]["securitySchemes"] = _TOKEN
        for path, method, operation in _operations(schema):
            _describe(path, method, operation)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    # FastAPI assumes that a text in the address could be wrong in other ways than unknown.
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    expected = [403]
    if path != ALIVE:
        operation["security"] = [{"token": []}, {}]
        expected.append(401)
    if "requestBody" in operation:
        expected += [413, 415]
    for status, response in problems(*expected).items():
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))
