"""Heads of requests, and what follows them, sent to a server as bytes."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Serve, ServerProcess
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import hostile


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    server = serve(tmp_path_factory.mktemp("http") / "data", workers=1, patience_seconds=5)
    # No example waits for what it imports yet.
    server.client.health()
    return server


HOST = b"Host: localhost\r\n"
REQUESTS = [
    b"GET /api/alive HTTP/1.1\r\n" + HOST + b"Accept-Encoding: gzip\r\n\r\n",
    b"GET /api/runs?limit=3&sort=name HTTP/1.1\r\n" + HOST + b"Origin: http://localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b'If-None-Match: W/"a", "b"\r\nRange: bytes=0-5\r\n\r\n',
    b"GET /api/events HTTP/1.0\r\n" + HOST + b"Last-Event-ID: 99\r\nConnection: close\r\n\r\n",
    b"POST /api/runs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    b"Content-Length: 18\r\n\r\n" + b'{"prior":{"a": 1}}',
    b"POST /api/uploads?filename=x.csv HTTP/1.1\r\n" + HOST + b"Content-Type: text/csv\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\na,b\n1\r\n3;x=y\r\n,2\n\r\n0\r\nT: 1\r\n\r\n",
    b"GET /api/alive HTTP/1.1\r\n" + HOST + b"\r\n" + b"HEAD /x HTTP/1.1\r\n" + HOST + b"\r\n",
]
names = st.sampled_from(
    [
        *(b"Host", b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Cookie", b"Origin"),
        *(b"Authorization", b"Accept-Encoding", b"If-None-Match", b"Last-Event-ID", b"Range"),
        *(b"Sec-Fetch-Site", b"Upgrade", b"Expect", b"Connection", b"X-Request-ID", b"X", b""),
    ]
)
contents = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(b"-1", b"99999999999999999999", b"chunked", b"gzip, chunked", b"0", b"1, 2", b"nan"),
            *(
                b"100-continue",
                b"close",
                b"h2c",
                b"Bearer x",
                b"[::1",
                b"localhost:99999",
                b"a@b:1",
            ),
            *(b"application/json; charset=x", b"x=y; =; ;;", b"9" * 5000, b"\xff", b"null"),
        ]
    ),
)
lines = st.sampled_from(
    [
        *(b"GET / HTTP/1.1", b"GET /api/runs/%2e%2e%2f HTTP/1.1", b"OPTIONS * HTTP/1.1"),
        *(b"GET http://localhost/ HTTP/1.1", b"GET /%ff%00 HTTP/1.1", b"CONNECT a:1 HTTP/1.1"),
        *(
            b"GET /api/runs?a=%zz&limit=%00 HTTP/1.1",
            b"POST /api/runs HTTP/1.1",
            b"GET // HTTP/1.1",
        ),
        *(b"PUT /api/uploads HTTP/1.1", b"GET /api/events HTTP/1.1", b"PRI * HTTP/2.0", b"x"),
        b"GET /?token=" + b"x" * 3000 + b" HTTP/1.1",
    ]
)
heads = st.builds(
    lambda line, headers, host, body: (
        b"\r\n".join([line, *(name + b": " + value for name, value in headers)])
        + (b"\r\n" + HOST if host else b"\r\n")
        + b"\r\n"
        + body
    ),
    lines,
    st.lists(st.tuples(names, contents), max_size=4),
    st.booleans(),
    st.binary(max_size=30),
)


@fuzzing
@given(sent=hostile(*REQUESTS, magic=b"GET / HTTP/1.1\r\n") | heads)
def test_requests(server: ServerProcess, sent: bytes) -> None:
    with guarded(), socket.socket() as sock:
        sock.settimeout(15)
        sock.connect(("127.0.0.1", urlsplit(server.url).port))
        received = b""
        with contextlib.suppress(ConnectionError):
            sock.sendall(sent)
            # Nothing more will come.
            sock.shutdown(socket.SHUT_WR)
            while part := sock.recv(65_536):
                received += part
        if received:
            version, status, *_ = received.split(b" ", 2)
            assert version == b"HTTP/1.1"
            assert 100 <= int(status) < 500, received[:500]


def test_the_server_lives_and_has_nothing_to_tell(server: ServerProcess) -> None:
    assert server.client.http.get("/api/alive").status_code == 200
    log = server.log.read_text()
    assert "Traceback" not in log, log[-3000:]
    assert " ERROR " not in log, log[-3000:]
