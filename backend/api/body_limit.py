"""Bodies that are too large are refused before they fill the memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Middleware that answers 413 to bodies over a number of bytes, said or sent."""

    def __init__(self, app: ASGIApp, megabytes: int) -> None:
        self.app = app
        self.megabytes = megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what the application receives."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.megabytes * 1_000_000
        said = Headers(scope=scope).get("content-length", "0")
        received = int(said) if said.isdigit() and int(said) > limit else 0

        async def counted() -> Message:
            nonlocal received
            if received <= limit:
                message = await receive()
                received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(
                    413,
                    f"The body is over the limit of {self.megabytes} million bytes "
                    "(PRIORSCOPE_MAX_BODY_MEGABYTES).",
                )
            return message

        await self.app(scope, counted, send)
