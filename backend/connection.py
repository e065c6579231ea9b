"""The connection to a server: requests, problems, streams of events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from backend.schemas import Event
from backend.server_schemas import Problem

_Answer = TypeVar("_Answer", bound=BaseModel)
_RETRY_SECONDS = 0.5


class ProblemError(Exception):
    """The server answered with a problem; ``problem.detail`` is a sentence for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class ServerUnreachableError(Exception):
    """No server answers at that address."""


class Connection:
    """Sends requests; raises ``ProblemError`` or ``ServerUnreachableError``."""

    def __init__(self, server: str | httpx.Client, token: str | None = None) -> None:
        """Take the server's address, or an ``httpx.Client`` that has a ``base_url``.

        Where the server has a token, it is given here or stands in the address, as printed.
        """
        if isinstance(server, str):
            address = httpx.URL(server)
            token = token or address.params.get("token")
            server = httpx.Client(base_url=address.copy_with(query=None), timeout=60.0)
        if token:
            server.headers["Authorization"] = f"Bearer {token}"
        self.http = server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def _get(self, answer: type[_Answer], path: str, **query: Any) -> _Answer:
        chosen = {name: value for name, value in query.items() if value is not None}
        return answer.model_validate_json(self._request("GET", path, query=chosen))

    def _request(
        self,
        method: str,
        path: str,
        body: object = None,
        query: dict[str, Any] | None = None,
        content: IO[bytes] | None = None,
    ) -> bytes:
        headers = {"content-type": "application/octet-stream"} if content else None
        try:
            response = self.http.request(
                method, path, json=body, params=query, content=content, headers=headers
            )
        except httpx.TransportError as error:
            raise ServerUnreachableError(
                f"There is no Priorscope server at {self.http.base_url} ({error}). "
                "Start one with “priorscope serve”."
            ) from error
        _raise_problem(response)
        return response.content

    def _events(self, path: str, last_event_id: int | None, retries: int) -> Iterator[Event]:
        """Yield the events of a stream, which is opened again where it is lost."""
        failures = 0
        while True:
            with suppress(httpx.TransportError):
                headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
                with self.http.stream("GET", path, headers=headers, timeout=60.0) as response:
                    if response.status_code == 204:
                        return
                    if response.is_error:
                        response.read()
                    _raise_problem(response)
                    for event_id, event in _parse(response.iter_lines()):
                        last_event_id, failures = event_id, 0
                        if event is not None:
                            yield event
            failures += 1
            if failures > retries:
                raise ServerUnreachableError(f"The connection to {self.http.base_url} was lost.")
            time.sleep(_RETRY_SECONDS if failures > 1 else 0.0)


def _raise_problem(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        phrase = response.reason_phrase
        problem = Problem(
            type="about:blank",
            title=phrase,
            status=response.status_code,
            detail=f"{response.url} answered {response.status_code} {phrase}, "
            "which is not how Priorscope does.",
        )
    raise ProblemError(problem)


def _parse(lines: Iterator[str]) -> Iterator[tuple[int, Event | None]]:
    """Yield the number of each event and, unless it only brings its number, the event."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "id" in fields:
            yield int(fields["id"]), _event(fields) if "data" in fields else None
            fields = {}


def _event(fields: dict[str, str]) -> Event:
    data = json.loads(fields["data"])
    run_id = data["id"] if fields["event"] == "status" else data["run"]
    return Event.model_validate(
        {"id": int(fields["id"]), "kind": fields["event"], "run_id": run_id, "data": data}
    )
