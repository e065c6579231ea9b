"""The OpenAPI description, with errors as they really are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backend.api.gate import ALIVE
from backend.api.problems import problems
from backend.server_schemas import Problem

_TOKEN = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Where the server has a token. Browsers have it in a cookie.",
    }
}


_MAKERS = {"create_run": "run_id", "create_upload": "upload_id", "create_dataset": "import_id"}
"""Operations that answer with the id of something new, and what other operations call that id."""


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
        schema["paths"] = dict(sorted(schema["paths"].items()))
        for path, method, operation in _operations(schema):
            _describe(path, method, operation)
        _link(schema)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _link(schema: dict[str, Any]) -> None:
    """Say of what was made where to go with its id."""
    by_name = {operation["operationId"]: operation for _, _, operation in _operations(schema)}
    for maker, parameter in _MAKERS.items():
        if maker not in by_name:
            continue
        made = next(r for status, r in by_name[maker]["responses"].items() if status[0] == "2")
        made["links"] = {
            operation["operationId"]: {
                "operationId": operation["operationId"],
                "parameters": {parameter: "$response.body#/id"},
            }
            for path, _, operation in _operations(schema)
            if f"{{{parameter}}}" in path
        }


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    # FastAPI assumes that a text in the address could be wrong in other ways than unknown.
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    expected = [403, 503]
    if path != ALIVE:
        operation["security"] = [{"token": []}, {}]
        expected.append(401)
    if "requestBody" in operation:
        expected += [413, 415]
    for status, response in problems(*expected).items():
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))
