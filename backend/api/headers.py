"""The headers that every answer carries, refusals too."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.content_policy import HEADERS, NOTHING_POLICY, PAGE_POLICY


class SafeHeaders:
    """Middleware that adds them; an answer may bring a content policy of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = NOTHING_POLICY if scope["path"].startswith("/api/") else PAGE_POLICY

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                headers.update(HEADERS)
            await send(message)

        await self.app(scope, receive, safely)
