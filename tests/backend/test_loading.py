"""The server while it starts: the page is there before the interface is."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from backend.data_folder import occupant
from backend.errors import NotReadyError, StoreError
from backend.interface import Interface
from backend.loading import Loading
from tests.conftest import COMMAND, ROOT, Held

TOKEN = "a-token-for-this-test"
REST = "HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Asking(threading.Thread):
    """A request whose answer may take its time."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self.answer: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        self.answer = httpx.get(self._url, timeout=60.0)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Waits longer than usual: the server imports in another thread while it answers."""
    with httpx.Client(timeout=60.0) as http:
        yield http


def test_the_page_is_there_first_and_the_interface_is_waited_for(
    held: Held, http: httpx.Client
) -> None:
    server = held.start()
    page = http.get(server.url)
    assert page.status_code == 200
    assert 'src="/@' in page.text
    module = next(part for part in page.text.split('"') if part.endswith("/main.js"))
    assert "immutable" in http.get(server.url + module).headers["cache-control"]
    assert http.get(f"{server.url}/vendor/plotly.min.js").status_code == 200
    assert http.get(f"{server.url}/none").json()["title"] == "Not Found"
    assert http.post(f"{server.url}/main.js").headers["allow"] == "GET, HEAD"
    # The process answers, but it does not claim to be ready.
    assert server.client.alive().status == "ok"
    asked = [
        Asking(server.url + path) for path in ("/api/health", "/api/runs", "/metrics", "/api/none")
    ]
    for asking in asked:
        asking.join(0.3)
        assert asking.is_alive()
    held.release()
    statuses = []
    for asking in asked:
        asking.join()
        assert asking.answer is not None
        statuses.append(asking.answer.status_code)
    assert statuses == [200, 200, 200, 404]
    assert server.stop() == 0
    assert server.log.read_text() == ""


def test_the_guard_is_there_from_the_start(held: Held, http: httpx.Client) -> None:
    server = held.start(token=TOKEN)
    for path in ("/", "/main.js", "/api/runs", "/metrics", "/vendor/plotly.min.js"):
        answer = http.get(server.url + path)
        assert answer.status_code == 401
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
    entitled = {"Authorization": f"Bearer {TOKEN}"}
    assert http.get(server.url, headers=entitled).status_code == 200
    rebound = http.get(server.url, headers=entitled | {"Host": "elsewhere.example"})
    assert (rebound.status_code, rebound.json()["type"][-10:]) == (403, "wrong-host")
    foreign = http.get(server.url, headers=entitled | {"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    entered = http.get(f"{server.url}/?token={TOKEN}")
    assert entered.status_code == 303
    assert http.get(server.url).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_stopped_while_loading_goes_at_once(number: int, held: Held) -> None:
    server = held.start(demo=True)
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), 60.0) as waiting:
        # Two requests in one piece: who has the answer to the first one knows that both came.
        waiting.sendall(b"".join(f"GET {path} {REST}".encode() for path in ("/none", "/api/runs")))
        received = b""
        while not received.endswith(b"}"):
            part = waiting.recv(65_536)
            assert part
            received += part
        # PyTorch is never released: the process does not wait for it.
        assert server.stop(number) == 0
        while part := waiting.recv(65_536):
            received += part
    answers = received.split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"404", b"503"]
    assert "stops" in json.loads(answers[1].partition(b"\r\n\r\n")[2])["detail"]
    assert server.processes() == []
    assert occupant(held.data_dir) is None
    assert server.log.read_text() == ""


def test_a_store_that_cannot_be_used_ends_the_server_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "priorscope.db").write_bytes(b"This is no database. " * 1000)
    ended = subprocess.run(
        [*COMMAND, "serve", "--port", "0", "--data-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "is damaged" in ended.stderr
    assert "priorscope restore" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert occupant(tmp_path) is None


def test_what_listens_first_needs_no_heavy_library() -> None:
    script = "import sys, backend.cli, backend.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"torch", "numpy", "fastapi", "sqlalchemy", "alembic", "httpx", "models"}
    assert not set(done.stdout.split()) & heavy


def test_who_waits_in_vain_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def make() -> Interface:
        assert released.wait(60.0)
        raise StoreError("The disk is gone.")

    async def ask() -> None:
        loading = Loading(make)
        async with loading.under_way():
            with monkeypatch.context() as impatient:
                impatient.setattr("backend.loading._PATIENCE_SECONDS", 0.01)
                with pytest.raises(NotReadyError, match="not finished starting"):
                    await loading.wait()
            assert loading.failure is None
            released.set()
            with pytest.raises(NotReadyError, match=r"cannot start: The disk is gone\."):
                await loading.wait()
            assert isinstance(loading.failure, StoreError)

    asyncio.run(ask())
