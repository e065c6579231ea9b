"""Bodies that are too large are refused before they fill the memory or the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Limit(NamedTuple):
    """Most millions of bytes, and the setting that says so."""

    megabytes: int
    setting: str


class BodyLimit:
    """Middleware that answers 413 to bodies over a number of bytes, said or sent."""

    def __init__(self, app: ASGIApp, usual: Limit, special: Mapping[str, Limit]) -> None:
        """Take the limit of most paths, and those of some."""
        self.app = app
        self.usual = usual
        self.special = special

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what the application receives."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        megabytes, setting = self.special.get(scope["path"], self.usual)
        limit = megabytes * 1_000_000
        said = Headers(scope=scope).get("content-length", "0")
        received = int(said) if said.isdigit() and int(said) > limit else 0

        async def counted() -> Message:
            nonlocal received
            if received <= limit:
                message = await receive()
                received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(
                    413, f"The body is over the limit of {megabytes} million bytes ({setting})."
                )
            return message

        await self.app(scope, counted, send)
