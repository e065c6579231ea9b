"""The interface, readable without any network: a page made from the OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from backend.content_policy import self_contained_policy

router = APIRouter(include_in_schema=False)

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .75rem; border: 1px solid #8884; }
h2 { margin-top: 2.5rem; } h3 { margin-top: 2rem; } h3 b { color: #3f90da; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; }
td { overflow-wrap: anywhere; }
tr { border-top: 1px solid #8884; }
"""


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """Show every route: what it takes and what it answers."""
    headers = {"Content-Security-Policy": self_contained_policy(style=_STYLE)}
    return HTMLResponse(_page(request.app.openapi()), headers=headers)


def _page(api: dict[str, Any]) -> str:
    info = api["info"]
    routes = "".join(
        _route(path, method, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    )
    schemas = "".join(
        f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(schema.get("description", ""))}</p>'
        f"<details><summary>JSON Schema</summary><pre>{_json(schema)}</pre></details>"
        for name, schema in sorted(api["components"]["schemas"].items())
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(info["title"])}: HTTP '
        f"interface</title><style>{_STYLE}</style><h1>{escape(info['title'])} "
        f"{escape(info['version'])}</h1><p>{escape(info['description'])} For programs: "
        f'<a href="/api/openapi.json">openapi.json</a>.</p>'
        f"<h2>Routes</h2>{routes}<h2>Schemas</h2>{schemas}</html>"
    )


def _route(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(_rows(operation))
    text = operation.get("description", operation["summary"])
    return (
        f"<section><h3><b>{method.upper()}</b> <code>{escape(path)}</code></h3>"
        f"<p>{escape(text)}</p><table>{rows}</table></section>"
    )


def _rows(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        about = _about(parameter["schema"])
        yield _row(parameter["name"], parameter["in"], about, parameter.get("description", ""))
    if body := operation.get("requestBody"):
        yield _row("body", "JSON", _content(body), "")
    for status, response in operation["responses"].items():
        yield _row(status, "answer", _content(response), response["description"])


def _row(*cells: str) -> str:
    name, *others = cells
    tail = "".join(f"<td>{cell}</td>" for cell in (*others[:-1], escape(others[-1])))
    return f"<tr><th><code>{escape(name)}</code></th>{tail}</tr>"


def _content(part: dict[str, Any]) -> str:
    return "; ".join(
        f"{escape(media)} {_about(content.get('schema', {}))}"
        for media, content in part.get("content", {}).items()
    )


def _about(schema: dict[str, Any]) -> str:
    """Say in a few words what a schema lets pass, with links to those that have a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if options := schema.get("anyOf"):
        return " or ".join(_about(option) for option in options)
    if "items" in schema:
        return f"list of {_about(schema['items'])}"
    limits = [f"{key} {schema[key]}" for key in ("minimum", "maximum", "default") if key in schema]
    return escape(", ".join([str(schema.get("type", schema.get("const", ""))), *limits]))


def _json(schema: dict[str, Any]) -> str:
    return escape(json.dumps(schema, indent=2, ensure_ascii=False))
