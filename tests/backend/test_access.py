"""Nobody gets in who should not: token, cookie, names of the server, other sites, headers."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from backend.access import Access, comes_from_elsewhere
from backend.client import PriorscopeClient, ProblemError
from backend.command_options import choose_settings
from backend.content_policy import HEADERS
from backend.errors import PriorscopeError
from backend.settings import Settings
from tests.conftest import COMMAND, ROOT, Serve, ServerProcess

TOKEN = "a-token-of-ones-own"
RUN = {"prior": {"kind": "mog"}}


def access(**settings: Any) -> Access:
    return Access.of(Settings.model_validate(settings))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost", "LOCALHOST"])
def test_this_computer_needs_no_token(host: str) -> None:
    assert access(host=host).token is None
    assert access(host=host, token=TOKEN).token == TOKEN


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "lab.example", ""])
def test_others_are_asked_for_one_in_any_case(host: str) -> None:
    first, second = access(host=host), access(host=host, token="")
    assert first.token is not None
    assert len(first.token) >= 32
    assert first.token != second.token
    assert first.made_up
    assert access(host=host, token=TOKEN).token == TOKEN


def test_only_the_token_is_the_token() -> None:
    guard = access(token=TOKEN)
    assert guard.admits(TOKEN)
    assert guard.admits_seal(guard.seal)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é", "\x00"):
        assert not guard.admits(wrong)
        assert not guard.admits_seal(wrong)
    assert not guard.admits(guard.seal)
    assert not guard.admits_seal(TOKEN)
    assert not guard.admits_seal(access(token=TOKEN + "2").seal)


def test_a_token_that_is_no_good_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIORSCOPE_TOKEN", "too-short")
    with pytest.raises(PriorscopeError, match=r"PRIORSCOPE_TOKEN is wrong: .*16") as refused:
        choose_settings()
    assert "too-short" not in refused.value.detail


LOCAL_NAMES = ["localhost", "LocalHost:8000", "localhost.", "127.0.0.1", "127.3.2.1:9", "[::1]:80"]
FOREIGN_NAMES = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io"]
NO_NAMES = ["", " ", "a b", "localhost:", "localhost:x", "[::1", "http://localhost", "a@localhost"]


@pytest.mark.parametrize("settings", [{}, {"host": "0.0.0.0"}])
def test_the_names_of_a_server(settings: dict[str, Any]) -> None:
    guard = access(**settings, allowed_hosts="Lab.example, other")
    for name in [*LOCAL_NAMES, "lab.example:443", "OTHER"]:
        assert guard.answers_to(name), name
    for name in FOREIGN_NAMES + NO_NAMES:
        assert not guard.answers_to(name), name


def test_addresses_of_others_are_names_only_where_they_may_come() -> None:
    for name in ("192.168.1.5:8000", "[2001:db8::1]"):
        assert not access().answers_to(name)
        assert access(host="0.0.0.0").answers_to(name)
    assert access(host="lab.example").answers_to("lab.example")


LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("method", "headers", "elsewhere"),
    [
        ("POST", {}, False),
        ("POST", {"origin": "http://here:8000"}, False),
        ("POST", {"origin": "http://HERE:8000"}, False),
        ("POST", {"origin": "http://here:8001"}, True),
        ("POST", {"origin": "http://here"}, True),
        ("POST", {"origin": "https://evil.example"}, True),
        ("POST", {"origin": "null"}, True),
        ("POST", {"origin": ""}, True),
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "same-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "origin": "http://here:8000"}, True),
        ("POST", {"sec-fetch-site": "cross-site", **LINK}, True),
        ("DELETE", {"sec-fetch-site": "same-site"}, True),
        ("GET", {}, False),
        ("GET", {"origin": "https://evil.example"}, True),
        ("GET", {"sec-fetch-site": "cross-site"}, True),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, True),
        ("GET", {"sec-fetch-site": "cross-site", **LINK}, False),
        ("GET", {"sec-fetch-site": "cross-site", **LINK, "sec-fetch-dest": "iframe"}, True),
    ],
)
def test_who_comes_from_elsewhere(method: str, headers: dict[str, str], elsewhere: bool) -> None:
    assert comes_from_elsewhere(method, {"host": "here:8000", **headers}) is elsewhere


# Over HTTP, against a server that listens on every address


class Guarded:
    """A server with a token that it drew itself, and its log for programs."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        parts = urlsplit(server.url)
        self.address = f"http://{parts.netloc}"
        self.token = parts.query.removeprefix("token=")
        self.cookie = f"priorscope-{parts.port}"

    def stranger(self, **options: Any) -> httpx.Client:
        """Somebody who knows the address alone."""
        return httpx.Client(base_url=self.address, timeout=60.0, **options)

    @contextlib.contextmanager
    def guest(self) -> Iterator[httpx.Client]:
        """A browser that has signed in."""
        with self.stranger() as http:
            assert http.get("/", params={"token": self.token}).status_code == 303
            yield http

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.server.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def guarded(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    data = tmp_path_factory.mktemp("guarded") / "data"
    server = serve(data, host="0.0.0.0", log_level="info", log_format="json", workers=1)
    yield Guarded(server)
    server.stop()


def test_the_printed_address_ends_with_a_new_token(guarded: Guarded) -> None:
    assert re.fullmatch(r"http://localhost:\d+/\?token=[\w-]{32}", guarded.server.url)


def test_without_the_token_there_is_nothing(guarded: Guarded) -> None:
    api = guarded.server.client.http.get("/api/openapi.json").json()
    operations = [
        (method.upper(), re.sub(r"{\w+}", "x", path))
        for path, methods in api["paths"].items()
        for method in methods
    ]
    assert len(operations) > 20
    files = ["/main.js", "/icon.svg", "/vendor/plotly.min.js", "/metrics", "/api/openapi.json"]
    operations += [("GET", path) for path in [*files, "/nowhere", "/api/nowhere"]]
    with guarded.stranger() as http:
        for method, path in operations:
            response = http.request(method, path, json={} if method in ("POST", "PATCH") else None)
            if path == "/api/alive":
                assert response.json() == {"status": "ok"}
                continue
            assert response.status_code == 401, path
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["type"] == "urn:priorscope:problem:token-required"


@pytest.mark.parametrize("path", ["/", "/index.html", "/api/docs", "/nowhere"])
def test_who_wants_a_page_gets_one_that_asks(guarded: Guarded, path: str) -> None:
    with guarded.stranger(headers={"Accept": "text/html,*/*"}) as http:
        response = http.get(path)
    assert response.status_code == 401
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-store"
    assert '<form method="post">' in response.text
    assert "form-action 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("wrong", ["", "x", "é", "x" * 5000])
def test_a_wrong_token_opens_nothing(guarded: Guarded, wrong: str) -> None:
    content_type = {"Content-Type": "application/x-www-form-urlencoded"}
    with guarded.stranger() as http:
        answers = [
            http.get("/", params={"token": wrong}),
            http.post("/", data={"token": wrong}, headers=content_type),
            http.get("/api/runs", headers={"Authorization": f"Bearer {wrong}".strip().encode()}),
            http.get("/api/runs", headers={"Cookie": f"{guarded.cookie}={wrong}".encode()}),
            http.get("/api/runs", headers={"Cookie": f"{guarded.cookie}={guarded.token}"}),
        ]
    for response in answers:
        assert response.status_code == 401
        assert "set-cookie" not in response.headers


def test_the_first_visit_leaves_a_cookie_and_a_clean_address(guarded: Guarded) -> None:
    with guarded.stranger() as http:
        first = http.get("/", params={"a": "1", "token": guarded.token, "b": "ü"})
        assert first.status_code == 303
        assert first.headers["location"] == "/?a=1&b=%C3%BC"
        name, *attributes = first.headers["set-cookie"].split("; ")
        assert name.startswith(f"{guarded.cookie}=")
        assert guarded.token not in name
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(attributes)
        page = http.get(first.headers["location"])
        assert page.status_code == 200
        assert guarded.token not in page.text
        assert http.get("/api/runs").status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "/%5cevil.example", "/\\evil.example/x"])
def test_no_address_leads_to_another_server(guarded: Guarded, path: str) -> None:
    with guarded.stranger() as http:
        response = http.get(f"{guarded.address}{path}?token={guarded.token}")
        assert re.match(r"/[^/\\]", response.headers["location"])


def test_the_form_lets_in_too(guarded: Guarded) -> None:
    with guarded.stranger() as http:
        origin = {"Origin": guarded.address}
        response = http.post("/", data={"token": f" {guarded.token} "}, headers=origin)
        assert (response.status_code, response.headers["location"]) == (303, "/")
        assert http.get("/").status_code == 200


def test_programs_show_the_token_in_a_header(guarded: Guarded) -> None:
    assert guarded.server.client.health().token is True
    with PriorscopeClient(guarded.address, token=guarded.token) as client:
        assert client.runs().total == 0
    with PriorscopeClient(guarded.address) as client:
        assert client.alive().status == "ok"
        with pytest.raises(ProblemError, match="Authorization: Bearer") as refused:
            client.runs()
        assert refused.value.status == 401


def test_commands_take_the_token_from_the_environment(guarded: Guarded, tmp_path: Path) -> None:
    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "runs", "--server", guarded.address],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            text=True,
        )

    assert run(PRIORSCOPE_TOKEN=guarded.token).returncode == 0
    wrong = run(PRIORSCOPE_TOKEN="a-wrong-one")
    assert wrong.returncode == 1
    assert "The token is wrong" in wrong.stderr
    assert "a-wrong-one" not in wrong.stderr


def test_a_page_of_another_site_can_do_nothing(guarded: Guarded) -> None:
    """Even with the cookie, which a browser would not send along."""
    with guarded.guest() as http:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": guarded.address.replace("http://localhost", "http://localhost:1")},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            for response in (
                http.post("/api/runs", json=RUN, headers=headers),
                http.delete("/api/runs/none", headers=headers),
                http.get("/api/runs", headers=headers),
                http.options("/api/runs", headers=headers),
            ):
                assert response.status_code == 403, headers
                assert response.json()["type"] == "urn:priorscope:problem:cross-site"
                assert "access-control-allow-origin" not in response.headers
        own = {"Origin": guarded.address, "Sec-Fetch-Site": "same-origin"}
        assert http.delete("/api/runs/none", headers=own).status_code == 404


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "TEXT/PLAIN; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
@pytest.mark.parametrize("path", ["/api/runs", "/api/uploads?filename=x.csv"])
def test_what_any_form_could_send_is_not_taken(
    guarded: Guarded, content_type: str | None, path: str
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    with guarded.guest() as http:
        response = http.post(path, content=json.dumps(RUN), headers=headers)
        assert response.status_code == 415
        assert response.json()["type"] == "urn:priorscope:problem:unsupported-body"
        assert http.get("/api/runs").json()["total"] == 0


def test_another_name_is_refused_before_anything_else(guarded: Guarded) -> None:
    with guarded.guest() as http:
        for path in ("/", "/api/runs", "/api/alive", "/metrics"):
            response = http.get(path, headers={"Host": "rebound.example"})
            assert response.status_code == 403
            assert "PRIORSCOPE_ALLOWED_HOSTS" in response.json()["detail"]
        assert http.get("/api/runs", headers={"Host": "192.168.1.5:8000"}).status_code == 401
    with guarded.stranger() as http:
        assert http.get("/api/alive", headers={"Host": "192.168.1.5:8000"}).status_code == 200


def test_every_answer_is_kept_from_harm(guarded: Guarded) -> None:
    bearer = {"Authorization": f"Bearer {guarded.token}"}
    with guarded.stranger() as stranger, guarded.stranger(headers=bearer) as http:
        etag = http.get("/").headers["etag"]
        answers = [
            http.get("/"),
            http.get("/", headers={"If-None-Match": etag}),
            http.get("/vendor/plotly.min.js"),
            http.get("/metrics"),
            http.get("/api/runs"),
            http.get("/api/docs"),
            http.get("/api/nowhere"),
            http.put("/api/runs"),
            http.post("/api/runs", json={}),
            http.get("/api/runs", headers={"Host": "evil.example"}),
            http.get("/", params={"token": guarded.token}),
            stranger.get("/api/runs"),
            stranger.get("/", headers={"Accept": "text/html"}),
        ]
    assert {answer.status_code for answer in answers} >= {200, 303, 304, 401, 403, 404, 405, 422}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        policy = dict(
            part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert not re.search(r"https?:|\*|unsafe-eval", answer.headers["Content-Security-Policy"])
        assert "unsafe" not in policy.get("script-src", "") + policy.get("style-src", "")
        assert "server" not in answer.headers
        assert answer.headers["X-Request-ID"]


def test_the_log_names_requests_and_keeps_secrets(guarded: Guarded) -> None:
    with guarded.guest() as http:
        mine = http.get("/api/nowhere", headers={"X-Request-ID": "trace-1.a_b"})
        assert mine.headers["X-Request-ID"] == mine.json()["request_id"] == "trace-1.a_b"
        for bad in ("", "a b", "x" * 65, "a\tb", "é".encode()):
            drawn = http.get("/api/nowhere", headers={"X-Request-ID": bad})
            assert re.fullmatch(r"[0-9a-f]{16}", drawn.headers["X-Request-ID"])
        http.get("/api/runs/%0d%0a%1b[2Jfake%20line?token=" + guarded.token)
        cookie = http.cookies[guarded.cookie]
    entries = guarded.log()
    (found,) = [entry for entry in entries if entry.get("request_id") == "trace-1.a_b"]
    assert found["status"] == 404
    assert found["path"] == "/api/nowhere"
    assert found["milliseconds"] >= 0
    assert any(entry.get("route") == "/api/runs/{run_id}" for entry in entries)
    assert any("A wrong token was shown by 127.0.0.1" in entry["message"] for entry in entries)
    written = guarded.server.log.read_text()
    assert guarded.token not in written
    assert cookie not in written
    assert re.search("[\x00-\x09\x0b-\x1f]", written) is None
    assert not [entry for entry in entries if entry["level"] == "error"]
