"""Server-sent events: complete, in order, and resumable."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backend.client import PriorscopeClient, ProblemError, ServerUnreachableError
from backend.events import EventTail
from backend.schemas import Epoch, Event, Progress, Run
from backend.storage import RunStore
from tests.backend.conftest import brief

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

STREAM = {"content-type": "text/event-stream"}


def test_the_events_of_a_run_tell_its_whole_life(client: PriorscopeClient, run: Run) -> None:
    events = list(client.events(run.id))
    assert {event.run_id for event in events} == {run.id}
    assert [event.id for event in events] == sorted({event.id for event in events})
    states = [event.data["status"] for event in events if event.kind == "status"]
    # Another test may have renamed it since.
    assert states[:3] == ["queued", "running", "finished"]
    assert set(states[3:]) <= {"finished"}
    assert Run.model_validate(events[-1].data) == client.run(run.id)
    epochs = [Epoch.model_validate(event.data) for event in events if event.kind == "epoch"]
    history = client.history(run.id)
    assert [epoch.epoch for epoch in epochs] == history.epoch == [1, 2]
    assert [epoch.validation.elbo for epoch in epochs] == history.validation.elbo
    progress = [event.data for event in events if event.kind == "progress"]
    assert all(Progress.model_validate(data) for data in progress)
    assert progress[-1]["checkpoint"] == run.checkpoint


def test_a_stream_resumes_after_any_event(client: PriorscopeClient, run: Run) -> None:
    events = list(client.events(run.id))
    for position, event in enumerate(events):
        assert list(client.events(run.id, last_event_id=event.id)) == events[position + 1 :]


def test_who_knows_it_all_is_told_not_to_come_back(client: PriorscopeClient, run: Run) -> None:
    last = list(client.events(run.id))[-1].id
    headers = {"Last-Event-ID": str(last)}
    response = client.http.get(f"/api/runs/{run.id}/events", headers=headers)
    assert (response.status_code, response.content) == (204, b"")


def test_the_wire_format(client: PriorscopeClient, run: Run) -> None:
    response = client.http.get(f"/api/runs/{run.id}/events")
    assert response.headers["cache-control"] == "no-cache"
    ping, first, *_ = response.text.split("\n\n")
    assert ping == ": ping"
    fields = dict(line.split(": ", 1) for line in first.split("\n"))
    assert set(fields) == {"event", "data", "id"}
    assert fields["event"] == "status"
    assert Run.model_validate_json(fields["data"]).id == run.id


def collect(events: Iterator[Event], until: Callable[[Event], bool]) -> list[Event]:
    """Take events up to and including the first that is wanted."""
    found = []
    for event in events:
        found.append(event)
        if until(event):
            return found
    raise AssertionError("the stream ended early")


def test_the_common_stream_follows_all_runs_live(client: PriorscopeClient) -> None:
    opened, created = threading.Event(), threading.Event()
    seen: list[Event] = []
    names = ["first", "second"]
    wanted = {(name, "finished") for name in names}

    def follow() -> None:
        with httpx.Client(base_url=client.http.base_url) as http:
            with http.stream("GET", "/api/events", timeout=60) as probe:
                start = next(line for line in probe.iter_lines() if line.startswith("id: "))
            opened.set()
            created.wait(timeout=300)
            missing = set(wanted)

            def complete(event: Event) -> bool:
                if event.kind == "status":
                    missing.discard((event.data["name"], event.data["status"]))
                return not missing

            resumed = PriorscopeClient(http).events(last_event_id=int(start[4:]))
            seen.extend(collect(resumed, complete))

    thread = threading.Thread(target=follow)
    thread.start()
    opened.wait(timeout=300)
    runs = [client.create_run(brief(), name) for name in names]
    created.set()
    thread.join(timeout=300)
    assert not thread.is_alive()
    assert [event.id for event in seen] == sorted({event.id for event in seen})
    for run in runs:
        mine = [event for event in seen if event.run_id == run.id]
        assert mine == list(client.events(run.id))


def test_the_common_stream_starts_now(client: PriorscopeClient, run: Run) -> None:
    last = list(client.events(run.id))[-1].id
    with client.http.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        assert int(next(lines).removeprefix("id: ")) >= last


def test_renaming_and_deleting_are_told(client: PriorscopeClient) -> None:
    run = client.create_run(brief("mog"))
    last = list(client.events(run.id))[-1].id
    client.rename_run(run.id, "renamed")
    client.delete_run(run.id)
    events = collect(
        client.events(last_event_id=last), lambda e: (e.kind, e.run_id) == ("deleted", run.id)
    )
    mine = [event for event in events if event.run_id == run.id]
    # The run's other events went with it; that it is gone remains.
    assert mine[-1].data == {"run": run.id}
    with pytest.raises(ProblemError):
        next(client.events(run.id))


def test_an_event_number_from_another_store_does_not_silence_the_stream(
    client: PriorscopeClient,
) -> None:
    run: Run | None = None
    for event in itertools.islice(_from_the_future(client), 1):
        run = Run.model_validate(event.data)
    assert run is not None
    assert run.name == "after the reset"


def _from_the_future(client: PriorscopeClient) -> Iterator[Event]:
    with httpx.Client(base_url=client.http.base_url) as http:
        headers = {"Last-Event-ID": str(2**62)}
        with http.stream("GET", "/api/events", headers=headers, timeout=60) as stream:
            lines = stream.iter_lines()
            start = next(int(line[4:]) for line in lines if line.startswith("id: "))
            created = client.create_run(brief("mog"), "after the reset")
            yield next(
                event for event in client.events(last_event_id=start) if event.run_id == created.id
            )


def _served(*answers: httpx.Response | Exception) -> tuple[PriorscopeClient, list[str | None]]:
    """A client whose server gives these answers; and the Last-Event-IDs that it was asked with."""
    waiting, asked = iter(answers), []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("last-event-id"))
        answer = next(waiting)
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handle)
    return PriorscopeClient(httpx.Client(transport=transport, base_url="http://test")), asked


def _stream(text: str) -> httpx.Response:
    return httpx.Response(200, headers=STREAM, text=text)


def test_a_lost_connection_is_taken_up_where_it_was_lost() -> None:
    client, asked = _served(
        _stream(': open\nid: 6\n\nevent: progress\ndata: {"run": "a"}\nid: 7\n\n: ping\n\n'),
        httpx.ConnectError("gone"),
        _stream('event: deleted\ndata: {"run": "a"}\nid: 9\n\nevent: dele'),
        httpx.Response(204),
    )
    events = list(client.events())
    assert [(event.id, event.kind, event.run_id) for event in events] == [
        (7, "progress", "a"),
        (9, "deleted", "a"),
    ]
    assert asked == [None, "7", "7", "9"]


def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.connection._RETRY_SECONDS", 0.0)
    errors: list[Any] = [httpx.ConnectError("gone")] * 4
    client, asked = _served(*errors)
    with pytest.raises(ServerUnreachableError, match="http://test"):
        next(client.events(retries=3))
    assert len(asked) == 4


def test_clients_that_leave_are_forgotten(client: PriorscopeClient, server: ServerProcess) -> None:
    """In the middle of a burst of events, many times over."""
    run = client.create_run(brief(epochs=3))
    while not client.run(run.id).ended:
        with client.http.stream("GET", "/api/events", headers={"Last-Event-ID": "0"}) as stream:
            next(stream.iter_bytes())
    assert server.log.read_text() == ""


def test_a_quiet_stream_is_kept_open(monkeypatch: pytest.MonkeyPatch, store: RunStore) -> None:
    monkeypatch.setattr("backend.events._QUIET_SECONDS", 0.0)

    async def follow() -> Event | None:
        return await anext(EventTail(store).follow(0))

    assert asyncio.run(follow()) is None
