"""Routes of explorers: equal questions are worked out once, and only so many at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Literal, get_type_hints

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.datastructures import MutableHeaders

from backend.answers import Answer, Answers
from backend.api.caching import NotModified, address, is_known, run_headers, tag_headers
from backend.api.dependencies import existing_run
from backend.api.packing import PackedJson, PlainJson, unpacked
from backend.errors import UnknownRunError
from backend.lanes import Lanes
from backend.schemas import Run
from backend.storage import RunStore

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_AT_ONCE = frozenset({"points", "snapshots"})
"""Routes whose answers are at hand, so that they need not wait for others."""
_MOST_RUNS = 50


class SharedRoute(APIRoute):
    """A route about the run in its path, or about those that the query names.

    Equal GETs at the same time share one answer, compressed once; answers about runs that have
    ended are kept, here and by the client. What is sent in a body is decoded or encoded, in a lane
    of its own.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        packs = set(options["methods"]) == {"GET"}
        super().__init__(path, _writing(endpoint, PackedJson if packs else PlainJson), **options)

    def get_route_handler(self) -> _Handler:
        """Return what answers requests to this route."""
        handle = super().get_route_handler()
        if self.methods == {"GET"}:
            return partial(_shared, handle, self.name in _AT_ONCE)
        return partial(_alone, handle, "decoding")


class AnimationRoute(APIRoute):
    """A route that works for so long that there is one at a time."""

    def get_route_handler(self) -> _Handler:
        """Return what answers requests to this route."""
        return partial(_alone, super().get_route_handler(), "animating")


async def _alone(
    handle: _Handler, lane: Literal["decoding", "animating"], request: Request
) -> Response:
    # Nobody else waits for a client that sends its question slowly.
    await request.body()
    async with getattr(_lanes(request), lane).turn():
        return await handle(request)


async def _shared(handle: _Handler, at_once: bool, request: Request) -> Response:
    runs = await _runs(request)
    owner = runs[0].id if len(runs) == 1 else None
    headers = _headers(request, runs)
    if is_known(request, headers):
        raise NotModified(headers)

    async def make() -> Answer:
        lane = contextlib.nullcontext() if at_once else _lanes(request).exploring.turn(owner)
        async with lane:
            response = await handle(request)
            response.headers.update(headers)
            return _answer(response)

    answers: Answers = request.app.state.answers
    answer = await answers.get(
        _key(request, runs),
        make,
        keep=all(run.ended for run in runs),
        seconds=request.app.state.settings.answer_seconds,
    )
    return await unpacked(request, answer)


async def _runs(request: Request) -> list[Run]:
    """Return the runs that the request is about.

    Raises:
        UnknownRunError: no run has the id in the path.
    """
    store: RunStore = request.app.state.store
    if "run_id" in request.path_params:
        return [await existing_run(request.path_params["run_id"], store)]
    runs = []
    # A request that names more, or unknown ones, is refused by its route.
    for run_id in request.query_params.getlist("run")[:_MOST_RUNS]:
        with contextlib.suppress(UnknownRunError):
            runs.append(await existing_run(run_id, store))
    return runs


def _headers(request: Request, runs: list[Run]) -> dict[str, str]:
    """Return what is said to caches of the answer."""
    if "run_id" in request.path_params:
        return run_headers(request, runs[0])
    return tag_headers(request, *_states(request, runs), cache_control="no-cache")


def _key(request: Request, runs: list[Run]) -> str:
    """Name what is asked, of which state of the runs."""
    return "\n".join(map(str, (*address(request), *_states(request, runs))))


def _states(request: Request, runs: list[Run]) -> list[tuple[object, ...]]:
    """Return what answers about the runs change with.

    That is the status, too: with the same weights, answers about runs that have ended are about
    more rows of large data sets.
    """
    store: RunStore = request.app.state.store
    return [
        (run.id, run.status, run.checkpoint, run.progress.epoch, store.first_snapshot(run.id))
        for run in runs
    ]


def _writing(endpoint: Callable[..., Any], json: type[PlainJson]) -> Callable[..., Any]:
    """Let the endpoint write its answer as JSON itself, in the thread in which it works it out.

    FastAPI would go to another thread to look through it again, and write it in that of all
    requests.
    """
    answer = get_type_hints(endpoint, include_extras=True)["return"]
    if answer is Response:
        return endpoint
    adapter: TypeAdapter[Any] = TypeAdapter(answer)

    @wraps(endpoint)
    def written(*args: Any, **kwargs: Any) -> Response:
        return json(adapter.dump_json(endpoint(*args, **kwargs)))

    return written


def _answer(response: Response) -> Answer:
    headers = MutableHeaders(raw=list(response.raw_headers))
    del headers["content-length"]
    compressed = isinstance(response, PackedJson) and response.compressed
    return Answer(response.status_code, tuple(headers.raw), bytes(response.body), compressed)


def _lanes(request: Request) -> Lanes:
    lanes: Lanes = request.app.state.lanes
    return lanes
