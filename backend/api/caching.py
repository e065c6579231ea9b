"""ETags: who has an answer already is told so, before anything is computed."""

from __future__ import annotations

import hashlib

from fastapi import Depends, Request, Response

from backend import __version__
from backend.api.dependencies import ExistingRun

NOT_MODIFIED: dict[int | str, dict[str, str]] = {
    304: {"description": "The client has this answer already (If-None-Match)"}
}


class NotModified(Exception):  # noqa: N818 - an answer, not an error
    """The client's copy is still right."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


async def not_modified(_request: Request, answer: Exception) -> Response:
    """Answer 304."""
    assert isinstance(answer, NotModified)
    return Response(status_code=304, headers=answer.headers)


def tag(request: Request, response: Response, *parts: object, cache_control: str) -> None:
    """Give the response an ETag made of ``parts`` and the address.

    Raises:
        NotModified: the client has that answer already.
    """
    text = "\n".join(map(str, (__version__, request.url.path, request.url.query, *parts)))
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if etag in _known(request):
        raise NotModified(headers)
    response.headers.update(headers)


def _known(request: Request) -> list[str]:
    header = request.headers.get("if-none-match", "")
    return [item.strip().removeprefix("W/") for item in header.split(",")]


def _tag_run(request: Request, response: Response, run: ExistingRun) -> None:
    """Finished runs never change; runs that ended otherwise may be resumed; others do change."""
    if run.status == "finished":
        tag(request, response, run.id, run.checkpoint, cache_control="private, max-age=3600")
    elif run.ended:
        tag(request, response, run.id, run.checkpoint, cache_control="no-cache")
    else:
        response.headers["Cache-Control"] = "no-cache"


def _tag_constant(request: Request, response: Response) -> None:
    """Data sets and pictures change with the version alone."""
    tag(request, response, cache_control="private, max-age=3600")


CachedRun = Depends(_tag_run)
CachedConstant = Depends(_tag_constant)
