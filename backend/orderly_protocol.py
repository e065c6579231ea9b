"""Requests read in order, each head whole: uvicorn's protocol on llhttp, made strict."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import (
        ASGI3Application,
        ASGIReceiveCallable,
        ASGISendCallable,
        ASGISendEvent,
        Scope,
    )

_MOST_HEAD = 65_536  # bytes; also of trailers, and of what stands between the chunks of a body
_MOST_DIGITS = 20  # llhttp takes any number of zeros before a length, and Python does not
# Without “#”: what follows it is nothing that a server should see.
_FIRST_LINE = re.compile(rb"([\w!#$%&'*+.^`|~-]+) [!\"$-~]+ HTTP/1\.[01]\r\n")
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_EMPTY_LINE = b"\r\n\r\n"


class Awaited(enum.Enum):
    """What comes next on a connection."""

    HEAD = enum.auto()
    BODY = enum.auto()
    ANSWER = enum.auto()
    """The request is whole, and whatever comes meanwhile belongs to another one."""


class UnreadableError(httptools.HttpParserError):
    """A request that is refused though llhttp would read it. The message is a sentence."""


class OrderlyProtocol(HttpToolsProtocol):
    """One connection, of whose requests one at a time is read.

    Left alone, llhttp reads on into whatever follows a request, takes ``Upgrade`` for the end of
    HTTP even where the server does not follow, losing the body, and lets a head grow for ever.
    So it is given a head when that is whole, not too large, and the request before it is answered;
    then what belongs to its body and no byte more. A chunked body ends with an empty line, as a
    head does; llhttp finds out which of the empty lines it is.
    """

    awaited = Awaited.HEAD
    _method = ""  # as it came
    _held = b""  # came, and is not read yet
    _left: int | None = 0  # bytes of the body still to come; None where it is chunked
    _between = 0  # bytes since the last one of a chunk's content

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._unset_keepalive_if_required()
        self._held += data
        self._read_on()

    def on_response_complete(self) -> None:
        """Let the next request come; it may be here already."""
        super().on_response_complete()
        if self.awaited is Awaited.ANSWER:
            self.awaited = Awaited.HEAD
        elif self.expect_100_continue:
            # Whether the body comes or the next request, nobody can tell.
            self.transport.close()
        if self._held and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            # Not at once: the application may be handling an error, which would mix with this one.
            self.loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        """Give the parser what it may have by now.

        Raises:
            Exception: what went wrong in this class or uvicorn's, while the parser called it.
        """
        if self.transport.is_closing():
            return
        held, start = self._held, 0
        try:
            while (end := self._end_of_part(held, start)) > start:
                self._read(held[start:end])
                start = end
        except httptools.HttpParserError as error:
            called = isinstance(error, httptools.HttpParserCallbackError)
            reason = (error.__context__ if called else None) or error
            if not isinstance(reason, httptools.HttpParserError):
                self.transport.abort()
                raise reason from None
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response(f"{reason}".removesuffix(".") + ".")
            return
        self._held = held[start:]
        if self._held and self.awaited is Awaited.ANSWER:
            self.flow.pause_reading()

    def _end_of_part(self, held: bytes, start: int) -> int:
        """Return where the bytes end that the parser may have; ``start`` where it may have none."""
        if start == len(held) or self.awaited is Awaited.ANSWER:
            return start
        if self.awaited is Awaited.HEAD:
            return _end_of_head(held, start)
        if self._left is not None:
            return min(len(held), start + self._left)
        return _end_of_lines(held, start)

    def _read(self, part: bytes) -> None:
        head = self.awaited is Awaited.HEAD
        if head:
            self._method, part = _for_llhttp(part)
        elif self._left is not None:
            self._left -= len(part)
        else:
            self._between += len(part)
        self.parser.feed_data(part)
        if head and self.awaited is Awaited.HEAD:
            raise UnreadableError("Its head has no end.")
        if self._between > _MOST_HEAD:
            raise UnreadableError(f"Its body has {_MOST_HEAD:,} bytes and more between chunks.")
        if self.awaited is Awaited.ANSWER and self.cycle.response_complete:
            # Answered without waiting for the whole body.
            self.awaited = Awaited.HEAD

    def on_message_begin(self) -> None:
        """Begin a request, where one is awaited."""
        if self.awaited is not Awaited.HEAD:
            raise UnreadableError("Another request begins inside of it.")
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. What comes after a chunked body is not looked at."""
        if self.awaited is Awaited.HEAD:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to answer, where there can be one meaning only."""
        old = self.parser.get_http_version() == "1.0"
        if self.parser.should_upgrade():
            raise UnreadableError("CONNECT is for proxies, and this is none.")
        hosts = self._values(b"host")
        if len(hosts) > 1 or not (hosts or old):
            raise UnreadableError("It has to have one Host header.")
        if not self.url.startswith(b"/") and self.url != b"*":
            self.url = _path_at(self.url, hosts)
        codings = self._values(b"transfer-encoding")
        if codings and [coding.lower() for coding in codings] != [b"chunked"]:
            raise UnreadableError("Its Transfer-Encoding is another one than “chunked”.")
        lengths = self._values(b"content-length")
        if any(len(length) > _MOST_DIGITS for length in lengths):
            raise UnreadableError("Its Content-Length has too many digits.")
        self._left = None if codings else sum(map(int, lengths))
        self._between = 0
        if old:
            self.expect_100_continue = False
        self.awaited = Awaited.BODY
        super().on_headers_complete()
        self.scope["method"] = self._method

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._between = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self.awaited = Awaited.ANSWER
        super().on_message_complete()

    def _values(self, wanted: bytes) -> list[bytes]:
        return [value for name, value in self.headers if name == wanted]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if cycle.scope["http_version"] == "1.0":
            app = _without_chunks(cycle, app)
        super()._start_asgi_task(cycle, app)


def _end_of_head(held: bytes, start: int) -> int:
    """Return where a head ends; ``start`` where its end has not come yet.

    Raises:
        UnreadableError: it is too large, or can't be a head whatever may come.
    """
    end = held.find(_EMPTY_LINE, start) + len(_EMPTY_LINE)
    whole = end >= len(_EMPTY_LINE)
    if (end if whole else len(held)) - start > _MOST_HEAD:
        raise UnreadableError(f"Its head has more than {_MOST_HEAD:,} bytes.")
    if held[start] <= ord(" "):
        raise UnreadableError("It does not begin with a method.")
    if whole:
        return end
    if held.count(b"\n", start) > held.count(b"\r\n", start):
        raise UnreadableError("The lines of its head do not end with CR and LF.")
    return start


def _for_llhttp(head: bytes) -> tuple[str, bytes]:
    """Return the method of a request, and its head without what would make llhttp stop.

    The application has an answer to every method, and llhttp only to those it knows. A server may
    ignore an Upgrade, as this one does.

    Raises:
        UnreadableError: the first line is not one of HTTP/1.0 or 1.1, to the letter.
    """
    line = _FIRST_LINE.match(head)
    if line is None:
        raise UnreadableError("Its first line is not like “GET /path HTTP/1.1”.")
    method = line[1]
    if method not in _METHODS:
        head = b"PUT" + head[len(method) :]
    return method.decode(), _UPGRADE.sub(b"\r\nX-Upgrade:", head)


def _end_of_lines(held: bytes, start: int) -> int:
    """Return where the next empty line ends, or else all that can't be the beginning of one."""
    found = held.find(_EMPTY_LINE, start)
    if found >= 0:
        return found + len(_EMPTY_LINE)
    begun = next((size for size in (3, 2, 1) if held.endswith(_EMPTY_LINE[:size])), 0)
    return max(start, len(held) - begun)


def _path_at(url: bytes, hosts: list[bytes]) -> bytes:
    """Return the path and query of a whole address.

    Raises:
        UnreadableError: it is at another place than the Host header says, whom the rest trusts.
    """
    scheme, _, rest = url.partition(b"://")
    host, slash, path = rest.partition(b"/")
    if scheme.lower() != b"http" or [host.lower()] != [each.lower() for each in hosts]:
        raise UnreadableError("Its address is neither a path nor one at its Host.")
    return b"/" + path if slash else b"/"


def _without_chunks(cycle: RequestResponseCycle, app: ASGI3Application) -> ASGI3Application:
    """Let answers end with the connection, for HTTP/1.0 does not know chunks."""
    cycle.chunked_encoding = False

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def send_whole(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.body":
                cycle.expected_content_length = len(event.get("body", b""))
            await send(event)

        await app(scope, receive, send_whole)

    return answer
