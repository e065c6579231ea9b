"""Server-sent events: what happens to runs, live."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from backend.api.dependencies import ExistingRun, Store, Tail
from backend.api.problems import problems
from backend.schemas import Event, Run
from backend.seats import Seats

router = APIRouter(tags=["events"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


class EventStream(StreamingResponse):
    """Server-sent events.

    Not FastAPI's own, which breaks with a traceback where a client leaves while it is being sent
    something.
    """

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers)


async def _take_seat(request: Request) -> AsyncIterator[None]:
    """Hold a seat until the stream has ended, however it ends."""
    seats: Seats = request.app.state.seats
    with seats.take(request.client.host if request.client else "somewhere"):
        yield


_Seat = Depends(_take_seat)

LastEventId = Annotated[
    int | None,
    Header(ge=0, le=2**63 - 1, description="Resume after the event of this number."),
]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={**_STREAM, **problems(422, 429)},
    dependencies=[_Seat],
)
async def all_events(tail: Tail, last_event_id: LastEventId = None) -> EventStream:
    """Stream the events of all runs, from now on or from where the client left off.

    `status`: the whole run, whenever it was created, started, resumed, ended or renamed. `progress`
    and `epoch`: how far a training is. `deleted`: the run is gone. Ends only with the server.
    """
    after = tail.latest if last_event_id is None else await tail.clamp(last_event_id)
    # A number without data: the client resumes from here even if nothing has happened yet.
    start = format_sse_event(id=str(after), comment="open")
    return EventStream(_written(tail.follow(after), start))


class NothingToFollowError(Exception):
    """The run has ended and the client knows it all."""


async def nothing_to_follow(_request: Request, _error: Exception) -> Response:
    """Answer 204, which tells a browser's EventSource not to connect again."""
    return Response(status_code=204)


def _followed(run: ExistingRun, store: Store, last_event_id: LastEventId = None) -> Run:
    if run.ended and last_event_id and not store.events_after(last_event_id, run_id=run.id):
        raise NothingToFollowError
    return run


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={
        **_STREAM,
        204: {"description": "The run has ended, and all was told"},
        **problems(404, 422, 429),
    },
    dependencies=[_Seat],
)
async def run_events(
    run: Annotated[Run, Depends(_followed)], tail: Tail, last_event_id: LastEventId = None
) -> EventStream:
    """Stream the events of one run, from its start or from where the client left off.

    Ends when the run has ended and all was told; a client that connects again then gets 204.
    """
    return EventStream(_written(tail.follow(await tail.clamp(last_event_id or 0), run)))


async def _written(
    events: AsyncIterator[Event | None], start: bytes = KEEPALIVE_COMMENT
) -> AsyncIterator[bytes]:
    """Write events as the standard has it; where none comes, a comment keeps the line open."""
    yield start
    async for event in events:
        if event is None:
            yield KEEPALIVE_COMMENT
        else:
            data = json.dumps(event.data)
            yield format_sse_event(data_str=data, event=event.kind, id=str(event.id))
            # In a long burst nothing else would wait, and so nobody notice that the client left.
            await asyncio.sleep(0)
