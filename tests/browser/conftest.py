"""A real headless Chromium in front of a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from backend.client import PriorscopeClient
from backend.schemas import Run

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Containers have neither a sandbox nor a graphics card, and nothing may be looked up on the net.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Milliseconds; a worker that starts imports PyTorch first, and machines may be slow.
PATIENCE = 180_000
SMALL = {"hidden": [64]}
TINY = {"epochs": 3, "patience": 3, "seed": 0}
LONG = {"epochs": 40, "patience": 40, "seed": 0}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expected_errors(*texts): what the browser may report as errors in this test"
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = [os.environ.get("PRIORSCOPE_CHROMIUM"), *map(shutil.which, NAMES)]
    path = next(filter(None, found), None)
    if path is None:
        reason = "THE PAGE IS NOT TESTED: no Chromium on the PATH or in PRIORSCOPE_CHROMIUM."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Pages:
    """Pages to use again: one that has run the scripts before opens in a third of the time."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, list[Page]] = {}

    def take(self, options: dict[str, Any]) -> Page:
        """Return a page of a context of its own, with those options."""
        idle = self._idle.setdefault(repr(options), [])
        if idle:
            return idle.pop()
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    def give_back(self, page: Page, options: dict[str, Any]) -> None:
        """Make the page as it was, but for what the browser remembers of files."""
        page.unroute_all(behavior="ignoreErrors")
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.goto("about:blank")
        for other in page.context.pages:
            if other != page:
                other.close()
        page.context.clear_permissions()
        page.context.clear_cookies()
        page.set_viewport_size(options["viewport"])
        page.emulate_media(color_scheme=options["color_scheme"])
        page.mouse.move(0, 0)
        self._idle[repr(options)].append(page)


class Watch:
    """Opens pages, and remembers what they complain about."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._opened: list[tuple[Page, dict[str, Any]]] = []
        self.complaints: list[str] = []

    def open(self, url: str, **options: Any) -> Page:
        options = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"} | options
        page = self._pages.take(options)
        self._opened.append((page, options))
        page.on("console", self._listen)
        page.on("pageerror", self._catch)
        page.goto(url)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _catch(self, error: Error) -> None:
        self.complaints.append(str(error))

    def close(self, failed: bool = False) -> None:
        """Leave all pages; those of a test that failed, perhaps with a key held, are not reused."""
        while self._opened:
            page, options = self._opened.pop()
            page.remove_listener("console", self._listen)
            page.remove_listener("pageerror", self._catch)
            if failed or page.is_closed():
                page.context.close()
            else:
                self._pages.give_back(page, options)


@pytest.fixture(scope="session")
def pages(browser: Browser) -> Pages:
    return Pages(browser)


@pytest.fixture
def watch(pages: Pages, request: pytest.FixtureRequest) -> Iterator[Watch]:
    """Open pages with `watch.open(url)`; errors in their consoles fail the test."""
    watch, failed = Watch(pages), request.session.testsfailed
    yield watch
    watch.close(failed=request.session.testsfailed > failed)
    marker = request.node.get_closest_marker("expected_errors")
    expected = marker.args if marker else ()
    complaints = [text for text in watch.complaints if not any(part in text for part in expected)]
    assert complaints == []


@pytest.fixture(scope="session")
def server(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One server for the tests of the page: those of the backend leave odd runs behind."""
    return serve(tmp_path_factory.mktemp("page") / "data", workers=2)


@pytest.fixture(scope="session")
def client(server: Any) -> PriorscopeClient:
    return server.client


@pytest.fixture(scope="session")
def train(
    until: Callable[[Callable[[], object]], None],
) -> Callable[..., Run]:
    """Train a run to its end, quickly."""

    def train(client: PriorscopeClient, kind: str, name: str | None = None, **config: Any) -> Run:
        body = {"prior": {"kind": kind}, "network": SMALL, "training": TINY} | config
        run = client.create_run(body, name=name)
        until(lambda: client.run(run.id).status not in ("queued", "running"))
        run = client.run(run.id)
        assert run.status == "finished", run.error
        return run

    return train


@pytest.fixture(scope="session")
def trio(client: PriorscopeClient, train: Callable[..., Run]) -> list[Run]:
    """Three finished runs, which no test changes."""
    return [train(client, kind) for kind in ("standard", "mog", "vampprior")]


@pytest.fixture(scope="session")
def solid(client: PriorscopeClient, train: Callable[..., Run]) -> Run:
    """A finished run whose latent space has three dimensions."""
    return train(client, "mog", latent_dim=3, network={"hidden": [16]})


@pytest.fixture
def view(server: Any, trio: list[Run]) -> str:
    """The address of the three runs side by side."""
    return f"{server.url}/#runs={','.join(run.id for run in trio)}"


@pytest.fixture(scope="session")
def learned(client: PriorscopeClient, train: Callable[..., Run]) -> Run:
    """A run with the standard prior that has learned enough to have holes."""
    return train(client, "standard", name="Learned", training=LONG, network={})


@pytest.fixture
def holey(server: Any, learned: Run, trio: list[Run]) -> str:
    """The address of that run beside another."""
    return f"{server.url}/#runs={learned.id},{trio[1].id}"
