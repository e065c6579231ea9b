"""Requests as bytes: read in order and whole, and refused in words where there are two meanings."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import pytest

from tests.backend.sockets import rest
from tests.conftest import Serve, ServerProcess

HOST = b"Host: localhost\r\n"
ALIVE = b"GET /api/alive HTTP/1.1\r\n" + HOST
LAST = ALIVE + b"Connection: close\r\n\r\n"
RUNS = b"POST /api/runs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
CHUNKED = RUNS + b"Transfer-Encoding: chunked\r\n"
BODY = b'{"prior": {"kind": "nothing"}}'
LENGTH = f"Content-Length: {len(BODY)}\r\n".encode()
CHUNKS = b"a\r\n" + BODY[:10] + b"\r\n14;x=y\r\n" + BODY[10:] + b"\r\n0\r\n"
# As of curl --http2.
UPGRADE = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAA\r\n"
)


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = serve(tmp_path_factory.mktemp("requests") / "data", workers=1)
    yield server
    assert "Traceback" not in server.log.read_text()
    server.stop()


def send(server: ServerProcess, *parts: bytes, pause: float = 0.05) -> bytes:
    """Send the parts one after the other; return all that comes until the server closes."""
    with socket.socket() as sock:
        sock.settimeout(60)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(("127.0.0.1", urlsplit(server.url).port))
        for part in parts:
            sock.sendall(part)
            time.sleep(pause)
        return rest(sock)


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answers)]


def refusal(answers: bytes) -> str:
    """The sentence with which a request was refused, and the connection closed."""
    assert statuses(answers) == [400]
    head, _, body = answers.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    return str(json.loads(body)["detail"])


def bytewise(sent: bytes) -> list[bytes]:
    return [sent[at : at + 1] for at in range(len(sent))]


@pytest.mark.parametrize(
    "parts",
    [
        (RUNS + LENGTH + UPGRADE + b"\r\n" + BODY + LAST,),
        (RUNS + LENGTH + UPGRADE.upper() + b"\r\n" + BODY + LAST,),
        (RUNS + LENGTH + UPGRADE + b"\r\n", BODY, LAST),
        (RUNS + UPGRADE[:40], UPGRADE[40:] + LENGTH + b"\r\n" + BODY + LAST),
        (CHUNKED + UPGRADE + b"\r\n" + CHUNKS + b"\r\n" + LAST,),
    ],
    ids=["at once", "in capitals", "body later", "in the middle of the name", "chunked"],
)
def test_an_upgrade_is_ignored_and_no_body_lost(
    server: ServerProcess, parts: Sequence[bytes]
) -> None:
    assert UPGRADE[:40].endswith(b"\r\nUpg")
    answers = send(server, *parts)
    assert statuses(answers) == [422, 200]
    assert b"has to be one of" in answers


def test_so_it_is_in_a_second_request(server: ServerProcess) -> None:
    upgrade = RUNS + LENGTH + UPGRADE + b"\r\n" + BODY
    assert statuses(send(server, upgrade + upgrade + LAST)) == [422, 422, 200]


def test_what_looks_like_an_upgrade_in_a_body_stays_as_it_is(server: ServerProcess) -> None:
    content = b"a,b\r\n1,2\r\n\r\nUpgrade: h2c\r\nUpgrade: h2c\r\n\r\n"
    head = b"POST /api/uploads?filename=x.csv HTTP/1.1\r\n" + HOST
    head += b"Content-Type: application/octet-stream\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    head += f"Content-Length: {len(content)}\r\n\r\n".encode()
    answers = send(server, head, content, LAST)
    assert statuses(answers) == [201, 200]
    stored = [path for path in (server.data_dir / "incoming").rglob("*") if path.is_file()]
    assert content in [path.read_bytes() for path in stored]


@pytest.mark.parametrize(
    "sent",
    [
        ALIVE + b"\r\n" + RUNS + LENGTH + b"\r\n" + BODY + LAST,
        ALIVE + b"\r\n" + CHUNKED + b"\r\n" + CHUNKS + b"\r\n" + LAST,
        ALIVE + b"\r\n" + CHUNKED + b"\r\n" + CHUNKS + b"Host: other\r\nA: b\r\n\r\n" + LAST,
        ALIVE + b"\r\n" + CHUNKED + b"\r\n26\r\n" + BODY + b"\r\n\r\n\r\n\r\n\r\n0\r\n\r\n" + LAST,
    ],
    ids=["length", "chunked", "chunked with trailers", "chunked with empty lines"],
)
def test_requests_may_come_in_one_piece_or_in_many(server: ServerProcess, sent: bytes) -> None:
    assert statuses(send(server, sent)) == [200, 422, 200]
    assert statuses(send(server, *bytewise(sent), pause=0)) == [200, 422, 200]


@pytest.mark.parametrize(
    ("bad", "words"), [(b"nonsense\r\n\r\n", "first line"), (ALIVE + HOST + b"\r\n", "one Host")]
)
def test_so_may_one_that_is_refused(server: ServerProcess, bad: bytes, words: str) -> None:
    # The first answer is given while an error is handled, which must not be taken for the second.
    first = RUNS + b"Content-Length: 3\r\n\r\nno!"
    for parts in ([first + bad], bytewise(first + bad)):
        answers = send(server, *parts, pause=0)
        assert statuses(answers) == [422, 400]
        assert words in refusal(answers[answers.rindex(b"HTTP/1.1 400 ") :])


def test_an_answer_may_come_before_the_body(server: ServerProcess) -> None:
    head = b"POST /api/runs HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\n" + LENGTH
    assert statuses(send(server, head + b"\r\n", BODY[:9], BODY[9:] + LAST)) == [415, 200]
    chunked = head.replace(LENGTH, b"Transfer-Encoding: chunked\r\n") + b"\r\n"
    assert statuses(send(server, chunked, CHUNKS, b"\r\n" + LAST)) == [415, 200]


def test_nobody_can_tell_whether_the_body_follows_an_answer_that_came_without_asking_for_it(
    server: ServerProcess,
) -> None:
    head = b"POST /api/runs HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\n" + LENGTH
    asking = head + b"Expect: 100-continue\r\n\r\n"
    assert statuses(send(server, asking)) == [415]
    body = RUNS + LENGTH + b"Expect: 100-continue\r\n\r\n"
    assert statuses(send(server, body, BODY + LAST)) == [100, 422, 200]


def test_requests_behind_an_unfinished_answer_do_not_pile_up(server: ServerProcess) -> None:
    with socket.socket() as sock:
        sock.settimeout(60)
        sock.connect(("127.0.0.1", urlsplit(server.url).port))
        sock.sendall(b"GET /api/events HTTP/1.1\r\n" + HOST + b"\r\n")
        assert sock.recv(65_536).startswith(b"HTTP/1.1 200 ")
        sock.settimeout(1)
        with pytest.raises(TimeoutError):
            sock.sendall((ALIVE + b"\r\n") * 1_500_000)


TOO_LARGE = [
    ALIVE + b"X: " + b"x" * 66_000 + b"\r\n\r\n",
    b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    ALIVE + b"X: y\r\n" * 11_000 + b"\r\n",
    CHUNKED + b"\r\n" + CHUNKS + b"T: " + b"x" * 90_000,
    CHUNKED + b"\r\n" + CHUNKS + b"T: x\r\n" * 15_000,
    CHUNKED + b"\r\n5;" + b"x" * 90_000,
]


@pytest.mark.parametrize(
    "sent",
    TOO_LARGE,
    ids=["header", "address", "headers", "trailer", "trailers", "extension of a chunk"],
)
def test_a_head_has_a_largest_size(server: ServerProcess, sent: bytes) -> None:
    assert "65,536 bytes" in refusal(send(server, sent[:20_000], sent[20_000:]))
    assert "65,536 bytes" in refusal(
        send(server, sent[:20_000], sent[20_000:50_000], sent[50_000:])
    )


def test_a_smaller_head_is_read(server: ServerProcess) -> None:
    sent = ALIVE + b"X: " + b"x" * 65_000 + b"\r\nConnection: close\r\n\r\n"
    assert statuses(send(server, sent)) == [200]
    assert statuses(send(server, sent[:40_000], sent[40_000:])) == [200]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"GET /api/alive HTTP/1.1\r\n\r\n", "one Host"),
        (ALIVE + HOST + b"\r\n", "one Host"),
        (CHUNKED + LENGTH + b"\r\n" + CHUNKS + b"\r\n", "Content-Length"),
        (RUNS + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"\r\n", "Encoding"),
        (RUNS + LENGTH + LENGTH + b"\r\n" + BODY, "Content-Length"),
        (RUNS + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY, "Content-Length"),
        (RUNS + b"Content-Length: +3\r\n\r\nabc", "Content-Length"),
        (RUNS + b"Content-Length: " + b"0" * 5000 + b"3\r\n\r\nabc", "digits"),
        (RUNS + b"Content-Length: 3, 3\r\n\r\nabc", "Content-Length"),
        (RUNS + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS, "Transfer-Encoding"),
        (RUNS + b"Transfer-Encoding: gzip\r\n\r\n" + CHUNKS, "Transfer-Encoding"),
        (CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS, "Transfer-Encoding"),
        (RUNS + b"Transfer-Encoding : chunked\r\n" + LENGTH + b"\r\n" + BODY, "header"),
        (CHUNKED + b"\r\n3\r\nabcdef\r\n0\r\n\r\n", "chunk"),
        (CHUNKED + b"\r\n-1\r\nabc\r\n0\r\n\r\n", "chunk size"),
        (CHUNKED + b"\r\n3\nabc\n0\n\n" + LAST, "chunk size"),
        (b"GET /api/alive HTTP/1.1\nHost: localhost\n\n", "CR and LF"),
        (b"GET /api/alive HTTP/1.1\nHost: localhost\n\n" + LAST, "first line"),
        (ALIVE + b"X: y\n\r\n", "CR and LF"),
        (ALIVE + b"X: a\r\n b\r\n\r\n", "whitespace"),
        (b"\r\n" + LAST, "method"),
        (b"\x16\x03\x01\x02\0\1\0\1\xfc\x03\x03", "method"),
        (b"G(T / HTTP/1.1\r\n" + HOST + b"\r\n", "first line"),
        ("GET /ä HTTP/1.1\r\n".encode() + HOST + b"\r\n", "first line"),
        (b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", "first line"),
        (b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n", "first line"),
        (b"GET /  HTTP/1.1\r\n" + HOST + b"\r\n", "first line"),
        (b"GET /\r\n" + HOST + b"\r\n", "first line"),
        (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", "first line"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "first line"),
        (b"GET http://other/api/alive HTTP/1.1\r\n" + HOST + b"\r\n", "address"),
        (b"GET ftp://localhost/ HTTP/1.1\r\n" + HOST + b"\r\n", "address"),
        (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n", "CONNECT"),
        (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n" + LAST, "CONNECT"),
    ],
)
def test_what_has_two_meanings_or_none_is_refused_in_words(
    server: ServerProcess, sent: bytes, words: str
) -> None:
    assert words in refusal(send(server, sent))


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET http://localhost/api/alive", 200),
        (b"GET HTTP://LOCALHOST/api/runs?limit=1", 200),
        (b"GET http://localhost", 200),
        (b"OPTIONS *", 405),
        (b"ODD /api/runs", 405),
        (b"get /api/runs", 405),
        (b"M-SEARCH /api/runs", 405),
        (b"GET /api/%zz", 404),
        (b"GET /%ff%00", 404),
        (b"GET //api/alive", 404),
        (b'GET /"<>^`{|}\\', 404),
    ],
)
def test_odd_addresses_and_methods_are_answered(
    server: ServerProcess, line: bytes, status: int
) -> None:
    sent = line + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert statuses(send(server, sent)) == [status]


def test_a_body_is_asked_for_where_the_client_waits(server: ServerProcess) -> None:
    head = RUNS + LENGTH + b"Expect: 100-continue\r\n\r\n"
    assert statuses(send(server, head, BODY, LAST)) == [100, 422, 200]


def test_nothing_of_it_is_said_in_http_1_0(server: ServerProcess) -> None:
    head = RUNS.replace(b"1.1", b"1.0") + LENGTH + b"Expect: 100-continue\r\n\r\n"
    assert statuses(send(server, head, BODY)) == [422]


def test_an_answer_in_http_1_0_ends_with_the_connection(server: ServerProcess) -> None:
    with socket.socket() as sock:
        sock.settimeout(60)
        sock.connect(("127.0.0.1", urlsplit(server.url).port))
        sock.sendall(b"GET /api/events HTTP/1.0\r\n" + HOST + b"\r\n")
        received = b""
        while b"\n\n" not in received:
            received += sock.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"connection: close" in head.lower()
    assert re.match(rb"[0-9a-f]+\r\n", body) is None
