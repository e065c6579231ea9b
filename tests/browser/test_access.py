"""The page behind a token, and names that mean harm."""

from __future__ import annotations

import http.server
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from backend.schemas import Run
from tests.browser.screen import plane, scroll_to

HARM = [
    "<img src=x onerror=\"document.title='pwned'\">",
    "</title></text><script>document.title='pwned'</script>",
    '=HYPERLINK("https://evil.example","x");=1+1',
]


class Elsewhere:
    """A page of another site, which links to ours and tries to use it."""

    def __init__(self, links: dict[str, str], target: str) -> None:
        content = "".join(f'<a id="{name}" href="{to}">{name}</a>' for name, to in links.items())
        content += f"""
            <form method="post" enctype="text/plain" action="{target}/api/runs">
            <input name='{{"prior": {{"kind": "mog"}}, "name": "' value='"}}'><button>Send</button>
            </form><img src="{target}/icon.svg" alt="none"><iframe src="{target}/"></iframe>"""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def guarded(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that drew a token."""
    server = serve(tmp_path_factory.mktemp("guarded") / "data", host="0.0.0.0", workers=1)
    yield server
    server.stop()


@pytest.fixture
def elsewhere(guarded: Any) -> Iterator[Elsewhere]:
    parts = urlsplit(guarded.url)
    address = f"http://localhost:{parts.port}"
    links = {"view": f"{address}/#theme=dark", "token": f"{guarded.url}#theme=light"}
    page = Elsewhere(links, address)
    yield page
    page.close()


def expect_signed_in(page: Page) -> None:
    expect(page.locator("#header")).to_contain_text("Live")


@pytest.mark.expected_errors("401", "403", "NotSameOrigin", "Framing", "frame-ancestors")
def test_signing_in_and_coming_back(watch: Any, guarded: Any, elsewhere: Elsewhere) -> None:
    address, token = guarded.url.split("/?token=")
    page = watch.open(f"{address}/#theme=light")
    field = page.get_by_label("Token")
    expect(field).to_be_focused()
    field.fill("not the token")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not the token of this server.")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)
    # The view that was asked for, and no token in the address.
    assert page.url == f"{address}/#theme=light"
    page.reload()
    expect_signed_in(page)

    # Pages of other sites can lead here, and nothing else.
    page.goto(elsewhere.url)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("body")).to_contain_text("urn:priorscope:problem:cross-site")
    assert guarded.client.runs().total == 0
    page.goto(elsewhere.url)
    assert page.evaluate("document.querySelector('img').naturalWidth") == 0
    page.locator("#view").click()
    expect_signed_in(page)
    assert page.url == f"{address}/#theme=dark"


@pytest.mark.expected_errors("401", "403", "NotSameOrigin", "Framing", "frame-ancestors")
def test_a_link_with_the_token_signs_in(watch: Any, elsewhere: Elsewhere) -> None:
    page = watch.open(elsewhere.url)
    assert page.context.cookies() == []
    page.locator("#token").click()
    expect_signed_in(page)
    assert page.url.endswith("/#theme=light")
    assert "token" not in page.evaluate("document.cookie")


def test_the_description_is_readable(watch: Any, server: Any) -> None:
    page = watch.open(f"{server.url}/api/docs", viewport={"width": 390, "height": 844})
    expect(page.get_by_role("heading", name="Routes")).to_be_visible()
    # Its style is in force, though the policy lets in this one alone.
    assert page.evaluate("getComputedStyle(document.querySelector('pre')).overflowX") == "auto"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def harmful(client: Any, until: Any) -> Iterator[list[Run]]:
    """Runs of one prior, so that their names are what tells them apart."""
    body = {"prior": {"kind": "standard"}, "training": {"epochs": 1, "warmup_epochs": 0}}
    runs = [client.create_run(body, name=name) for name in HARM]
    until(lambda: all(client.run(run.id).ended for run in runs))
    yield runs
    for run in runs:
        client.delete_run(run.id)


def test_names_are_only_ever_text(
    watch: Any, server: Any, harmful: list[Run], tmp_path: Any
) -> None:
    page = watch.open(f"{server.url}/#runs={','.join(run.id for run in harmful)}")
    plane(page)
    for name in HARM:
        expect(page.locator("#rail")).to_contain_text(name)
    numbers = scroll_to(page, "#numbers", "table")
    expect(numbers).to_contain_text(HARM[0])
    scroll_to(page, "#training", ".main-svg")
    with page.expect_download() as download:
        page.locator("#numbers").get_by_role("button", name="CSV").click()
    rows = read(download.value, tmp_path)
    assert "'=HYPERLINK" in rows
    assert not re.search(r"(^|[;,\"\n])=", rows)

    panel = page.locator(".panel").first
    panel.scroll_into_view_if_needed()
    panel.hover()
    panel.get_by_role("button", name="Save this panel").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    figure = ET.fromstring(read(download.value, tmp_path))
    tags = {element.tag.rpartition("}")[2] for element in figure.iter()}
    assert not tags & {"script", "img", "foreignObject", "iframe"}
    assert HARM[0] in "".join(figure.itertext())

    assert page.title() == "Priorscope"
    assert page.locator("[onerror], script:not([src])").count() == 0


def read(download: Any, folder: Any) -> str:
    path = folder / download.suggested_filename
    download.save_as(path)
    text: str = path.read_text(encoding="utf-8")
    return text
