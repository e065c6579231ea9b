"""Clients that are slow, rude or many: the server closes the door on them, and serves the rest."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from backend.client import PriorscopeClient
from tests.backend.sockets import rest
from tests.conftest import Serve, ServerProcess

REST = b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEAD = b"POST /api/runs" + REST
PATIENCE = 1.0  # of a busy machine less would be over in between


@pytest.fixture(scope="module")
def strict(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with little patience and little room."""
    server = serve(
        tmp_path_factory.mktemp("strict") / "data",
        patience_seconds=PATIENCE,
        max_client_streams=2,
        max_connections=8,
        log_level="info",
        workers=1,
    )
    yield server
    server.stop()


@contextlib.contextmanager
def connection(server: ServerProcess, window: int | None = None) -> Iterator[socket.socket]:
    with socket.socket() as sock:
        if window is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        sock.settimeout(60)
        sock.connect(("127.0.0.1", urlsplit(server.url).port))
        yield sock


def problem(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"frame-ancestors 'none'" in head
    found: dict[str, object] = json.loads(body)
    assert f" {found['status']} ".encode() in head.split(b"\r\n")[0]
    return found


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HT",
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n{",
        b"POST /api/runs/x/decode" + REST + b"Content-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a question"],
)
def test_who_begins_and_does_not_go_on_is_left(strict: ServerProcess, beginning: bytes) -> None:
    with connection(strict) as sock:
        sock.sendall(beginning)
        assert rest(sock) == b""


def test_who_drips_is_left_too(strict: ServerProcess) -> None:
    with connection(strict) as sock:
        left = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                for line in range(600):
                    sock.sendall(f"X-{line}: 1\r\n".encode() if line else HEAD)
                    if left.wait(0.1):
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert rest(sock) == b""
        left.set()
        dripping.join()


def test_who_sends_steadily_is_heard_out(strict: ServerProcess) -> None:
    body = json.dumps({"prior": {"kind": "none"}, "name": "x" * 60_000}).encode()
    with connection(strict) as sock:
        sock.sendall(HEAD + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
        # Longer than the patience of the server, but not slowly.
        for start in range(0, len(body), 4000):
            sock.sendall(body[start : start + 4000])
            time.sleep(2 * PATIENCE / 15)
        assert problem(rest(sock))["status"] == 422


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300_000,
    ],
    ids=["no HTTP", "no host", "too large a head"],
)
def test_what_is_no_request_is_refused_in_words(strict: ServerProcess, sent: bytes) -> None:
    with connection(strict) as sock:
        sock.sendall(sent + b"\r\n\r\n")
        assert problem(rest(sock))["status"] == 400


def test_so_is_what_follows_a_request(strict: ServerProcess) -> None:
    with connection(strict) as sock:
        sock.sendall(b"GET /api/alive HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
        sock.sendall(b"nonsense\r\n\r\n")
        assert problem(rest(sock))["status"] == 400


def test_who_stops_reading_is_left(strict: ServerProcess) -> None:
    path = "/vendor/plotly.min.js"
    with connection(strict, window=4096) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        deadline = time.monotonic() + 60
        while "stopped reading" not in strict.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        whole = len(strict.client.http.get(path, headers={"Accept-Encoding": "identity"}).content)
        assert len(rest(sock)) < whole


def test_events_have_a_limited_number_of_readers(
    strict: ServerProcess, until: Callable[[Callable[[], object]], None]
) -> None:
    readers: list[Iterator[str]] = []

    def follow(stack: contextlib.ExitStack) -> httpx.Response:
        http = stack.enter_context(httpx.Client(base_url=strict.url))
        response = stack.enter_context(http.stream("GET", "/api/events", timeout=60))
        if response.status_code == 200:
            # Held, for the stream ends with what reads it.
            readers.append(response.iter_lines())
            next(readers[-1])
        else:
            response.read()
        return response

    with contextlib.ExitStack() as stack:
        for _ in range(2):
            assert follow(stack).status_code == 200
        refused = follow(stack)
        assert refused.status_code == 429
        assert refused.json()["type"] == "urn:priorscope:problem:too-many-streams"
        assert refused.headers["retry-after"] == "10"

    def has_room() -> bool:
        with contextlib.ExitStack() as stack:
            return follow(stack).status_code == 200

    until(has_room)


def test_so_many_connections_and_no_more(
    strict: ServerProcess, until: Callable[[Callable[[], object]], None]
) -> None:
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connection(strict)) for _ in range(12)]
        last = problem(rest(socks[-1]))
        assert last["status"] == 503
        assert "PRIORSCOPE_MAX_CONNECTIONS" in str(last["detail"])

    def answers() -> bool:
        with PriorscopeClient(strict.url) as client, contextlib.suppress(httpx.HTTPError):
            return client.http.get("/api/alive").status_code == 200
        return False

    until(answers)


def test_nothing_unexpected_happened(strict: ServerProcess) -> None:
    assert " ERROR " not in strict.log.read_text()
