"""Connections that do not wait for ever: uvicorn's protocol, with its patience limited."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import sys

from backend.content_policy import HEADERS, NOTHING_POLICY
from backend.orderly_protocol import Awaited, OrderlyProtocol
from backend.settings import Settings

logger = logging.getLogger(__name__)

_SLOWEST_BYTES = 10_000  # a second, of a body
_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # linger for 0 seconds


class PatientProtocol(OrderlyProtocol):
    """One connection, which is closed where the client stands still in a request or an answer.

    Uvicorn itself waits for ever for the rest of a request that has begun, and for a client that
    has stopped reading; each of them costs a connection, and some memory. Until the head of a
    request is there the client has ``patience`` seconds, and for its body in addition as long as
    ``_SLOWEST_BYTES`` a second take, not counting the time in which the application is not reading.
    An answer may stand still for ``patience`` seconds.
    """

    patience = 30.0
    most_connections = 1000

    _deadline: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _began = 0.0
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection, unless there are too many."""
        super().connection_made(transport)
        _forget_the_vanished(transport, self.patience)
        if len(self.connections) > self.most_connections:
            self._refuse(
                503,
                "busy",
                f"{self.most_connections} connections are open already, which is the most allowed "
                "(PRIORSCOPE_MAX_CONNECTIONS). Come again soon.",
            )
            return
        self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._received += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Let the next request come; it may be here already."""
        super().on_response_complete()
        self._watch_request()

    def on_message_complete(self) -> None:
        """A request is whole: what is waited for from here on begins anew."""
        super().on_message_complete()
        self._stop_waiting()

    def _read_on(self) -> None:
        super()._read_on()
        self._watch_request()

    def pause_writing(self) -> None:
        """The client does not read fast enough: wait a while."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.patience, self._give_up, "stopped reading")

    def resume_writing(self) -> None:
        """The client reads."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, or has too large a head."""
        self._refuse(400, "bad-request", f"This is not a request that can be read. {msg}")

    def _watch_request(self) -> None:
        """Wait for the rest of a request where one has begun, or is due."""
        # Between two requests, uvicorn's own timer runs.
        due = self.awaited is Awaited.HEAD and self.timeout_keep_alive_task is None
        if not (due or self.awaited is Awaited.BODY) or self.transport.is_closing():
            self._stop_waiting()
        elif self._deadline is None:
            self._began, self._received = self.loop.time(), 0
            self._deadline = self.loop.call_later(self.patience, self._look)

    def _look(self) -> None:
        """Give up a client that is too slow; look again later at one that is not."""
        self._deadline = None
        if self.flow.read_paused:
            self._began += self.patience
        grace = self._received / _SLOWEST_BYTES if self.awaited is Awaited.BODY else 0.0
        left = self._began + self.patience + grace - self.loop.time()
        if left > 0:
            self._deadline = self.loop.call_later(left, self._look)
        else:
            self._give_up("did not finish its request")

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, why: str) -> None:
        self._stalled = None
        logger.info("The connection of %s is closed: it %s", self.client, why)
        self._stop_waiting()
        # To close would be to wait until everything is sent; this way the client hears of it, too.
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _refuse(self, status: int, slug: str, detail: str) -> None:
        """Answer with a problem, and close the connection."""
        self._stop_waiting()
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
            return
        if cycle is not None and not cycle.response_complete:
            # Nothing may be written behind this answer.
            cycle.disconnected = True
            cycle.message_event.set()
        body = json.dumps(
            {
                "type": f"urn:priorscope:problem:{slug}",
                "title": slug.capitalize().replace("-", " "),
                "status": status,
                "detail": detail,
            }
        ).encode()
        headers = {
            **HEADERS,
            "Content-Security-Policy": NOTHING_POLICY,
            "Content-Type": "application/problem+json",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 {status} \r\n{head}\r\n".encode() + body)
        self.transport.close()


def protocol(settings: Settings) -> type[PatientProtocol]:
    """Return the protocol with the limits of the settings."""
    limits = {
        "patience": settings.patience_seconds,
        "most_connections": settings.max_connections,
    }
    return type("Protocol", (PatientProtocol,), limits)


def _forget_the_vanished(transport: asyncio.Transport, patience: float) -> None:
    """Let the system end the connection where nobody has taken what was sent for so long.

    A computer that was switched off says no farewell, and events are few: without this it would be
    followed for a quarter of an hour.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(2000 * patience)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
