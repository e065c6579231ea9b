"""ETags: who has an answer already is told so, before anything is computed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import Depends, Request, Response

from backend import __version__
from backend.api.dependencies import ExistingRun
from backend.schemas import Run
from backend.storage import RunStore

NOT_MODIFIED: dict[int | str, dict[str, str]] = {
    304: {"description": "The client has this answer already (If-None-Match)"}
}
_LASTING = "private, max-age=3600"


class NotModified(Exception):  # noqa: N818 - an answer, not an error
    """The client's copy is still right."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


async def not_modified(_request: Request, answer: Exception) -> Response:
    """Answer 304."""
    assert isinstance(answer, NotModified)
    return Response(status_code=304, headers=answer.headers)


def address(request: Request) -> tuple[str, str]:
    """Return the path and the query. ``request.url`` would put an address together to parse it."""
    return request.scope["path"], request.scope["query_string"].decode("latin-1")


def run_headers(request: Request, run: Run) -> dict[str, str]:
    """Return what is said to caches of an answer about a run.

    Finished runs never change, but their older snapshots may be removed; runs that ended otherwise
    may be resumed; others do change.
    """
    if not run.ended:
        return {"Cache-Control": "no-cache"}
    first = _first_snapshot(request, run)
    lasts = run.status == "finished" and first is None
    # One that was resumed may stop again with the weights it had, but with more epochs.
    parts = (run.id, run.checkpoint, run.progress.epoch, run.resumed, first)
    return tag_headers(request, *parts, cache_control=_LASTING if lasts else "no-cache")


def tag_headers(request: Request, *parts: object, cache_control: str) -> dict[str, str]:
    """Return what is said to caches of an answer that changes with ``parts`` and the address."""
    return {"ETag": _etag(request, *parts), "Cache-Control": cache_control}


def is_known(request: Request, headers: Mapping[str, str]) -> bool:
    """Return whether the client has the answer that these headers belong to."""
    known = request.headers.get("if-none-match", "").split(",")
    return headers.get("ETag") in [item.strip().removeprefix("W/") for item in known]


def tag(request: Request, response: Response, *parts: object, cache_control: str) -> None:
    """Give the response an ETag made of ``parts`` and the address.

    Raises:
        NotModified: the client has that answer already.
    """
    _add(request, response, tag_headers(request, *parts, cache_control=cache_control))


def _tag_run(request: Request, response: Response, run: ExistingRun) -> None:
    _add(request, response, run_headers(request, run))


def _tag_constant(request: Request, response: Response) -> None:
    """Data sets and pictures change with the version alone."""
    tag(request, response, cache_control=_LASTING)


def _add(request: Request, response: Response, headers: dict[str, str]) -> None:
    if is_known(request, headers):
        raise NotModified(headers)
    response.headers.update(headers)


def _first_snapshot(request: Request, run: Run) -> int | None:
    """Return the first of the run's snapshots, if the answer tells of snapshots."""
    store: RunStore = request.app.state.store
    past = "epoch" in request.query_params or request.scope["path"].endswith("/snapshots")
    return store.first_snapshot(run.id) if past else None


def _etag(request: Request, *parts: object) -> str:
    text = "\n".join(map(str, (__version__, *address(request), *parts)))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


CachedRun = Depends(_tag_run)
CachedConstant = Depends(_tag_constant)
