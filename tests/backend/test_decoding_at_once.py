"""A single place is answered before dependencies are resolved: nobody should see a difference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import Request, Response

from backend.api import decoding
from backend.client import PriorscopeClient
from backend.explore_schemas import DecodeRequest
from backend.schemas import Run

PLACE = {"z": [[0.3, -0.2]], "nearest": 0, "reencode": False}


Ask = Callable[..., httpx.Response]
# Another spelling of the type is left to the usual way.
QUICKLY, USUALLY = "application/json", "application/json; charset=utf-8"


@pytest.fixture
def ask(client: PriorscopeClient, run: Run) -> Ask:
    """Asks for places like one that was decoded before: the server knows how long that takes."""

    def ask(body: str, content_type: str, run_id: str = run.id) -> httpx.Response:
        headers = {"Content-Type": content_type}
        return client.http.post(f"/api/runs/{run_id}/decode", content=body, headers=headers)

    for _ in range(3):
        ask(json.dumps(PLACE), USUALLY).raise_for_status()
    return ask


def lasting(response: httpx.Response) -> tuple[Any, dict[str, str]]:
    """Return body and headers without what is another with every request."""
    number = response.headers["x-request-id"]
    headers = {name: value for name, value in response.headers.items() if value != number}
    del headers["date"]
    return json.loads(response.text.replace(number, "")), headers


def test_the_answer_is_that_of_the_usual_way(ask: Ask) -> None:
    quick, usual = ask(json.dumps(PLACE), QUICKLY), ask(json.dumps(PLACE), USUALLY)
    assert quick.status_code == usual.status_code == 200
    assert lasting(quick) == lasting(usual)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        '{"z": []}',
        '{"z": [[0.1]], "nearest": 0, "reencode": false}',
        '{"z": [[0.1, NaN]], "nearest": 0, "reencode": false}',
        '{"z": [[0.1, 1e9]], "nearest": 0, "reencode": false}',
        '{"z": [[0.1, "a"]], "nearest": 0, "reencode": false}',
        '{"z": [[0.1, 0.2]], "nearest": 0, "reencode": false, "more": 1}',
    ],
)
def test_what_is_wrong_is_refused_as_usual(ask: Ask, body: str) -> None:
    quick, usual = ask(body, QUICKLY), ask(body, USUALLY)
    assert quick.status_code == usual.status_code == 422
    assert lasting(quick) == lasting(usual)


def test_a_run_that_is_not_there(ask: Ask) -> None:
    response = ask(json.dumps(PLACE), QUICKLY, "none")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


class Brief:
    """An explorer that decodes in no time, or does not."""

    def __init__(self, brief: bool) -> None:
        self.brief = brief

    def decodes_briefly(self, run: object, asked: DecodeRequest) -> bool:
        return self.brief

    def decode(self, run: object, asked: DecodeRequest) -> DecodeRequest:
        return asked


@pytest.mark.parametrize(
    ("body", "content_type", "known", "brief", "quick"),
    [
        (json.dumps(PLACE), QUICKLY, True, True, True),
        (json.dumps(PLACE), QUICKLY, True, False, False),
        (json.dumps(PLACE), QUICKLY, False, True, False),
        (json.dumps(PLACE), USUALLY, True, True, False),
        (json.dumps(PLACE) + " " * 5000, QUICKLY, True, True, False),
        ("{", QUICKLY, True, True, False),
    ],
)
def test_who_goes_the_quick_way(
    body: str, content_type: str, known: bool, brief: bool, quick: bool
) -> None:
    store = SimpleNamespace(at_hand=lambda run_id: object() if known else None)
    state = SimpleNamespace(store=store, explorer=Brief(brief))
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", content_type.encode())],
        "path_params": {"run_id": "any"},
        "app": SimpleNamespace(state=state),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def usual(request: Request) -> Response:
        return Response("usual")

    answer = asyncio.run(decoding._at_once(usual, Request(scope, receive)))
    assert (answer.body != b"usual") == quick
