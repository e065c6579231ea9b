"""How the files of the page are sent: all at once, compressed, kept for ever, and still current."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from backend.frontend import FOLDER, Frontend
from backend.modules import modules_of

INDEX = """<!doctype html>
<html>
  <head>
    <link rel="icon" href="icon.svg">
    <link rel="stylesheet" href="styles/one.css">
    <link rel="stylesheet" href="styles/two.css">
    <link rel="preload" href="/api/runs" as="fetch" crossorigin>
    <script type="module" src="main.js"></script>
  </head>
</html>
"""
MAIN = """/** @import {Shape} from './types.js' */
import { a } from './a.js';
import {
  b,
} from "./deep/b.js";
export { c } from './c.js';
const late = () => import('./late.js');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "index.html": INDEX,
        "icon.svg": "<svg/>",
        "main.js": MAIN,
        "a.js": "import './c.js';\n",
        "c.js": "export const c = 'import';\n",
        "late.js": "",
        "deep/b.js": "import { a } from '../a.js';\n",
        "styles/one.css": "p { color: red; }",
        "styles/two.css": "p { color: blue; }",
        "types.d.ts": "",
    }
    for name, text in files.items():
        path = tmp_path / "page" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    (tmp_path / "secret.js").write_text("secret")
    return tmp_path / "page"


class Browser:
    """Asks for the files of a folder, without a server."""

    def __init__(self, folder: Path) -> None:
        app = FastAPI()
        app.router.default = Frontend(folder)
        self._transport = httpx.ASGITransport(app)

    def ask(self, method: str, path: str, **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            base = {"transport": self._transport, "base_url": "http://page"}
            async with httpx.AsyncClient(**base) as client:  # type: ignore[arg-type]
                return await client.request(method, path, headers=headers)

        return asyncio.run(answer())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)


@pytest.fixture
def http(folder: Path) -> Browser:
    return Browser(folder)


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]+)"', page)


def test_modules_are_found_through_imports_but_not_through_comments(folder: Path) -> None:
    found = modules_of("main.js", lambda name: (folder / name).read_text())
    assert found == ["main.js", "a.js", "deep/b.js", "c.js"]


def test_the_page_names_everything_that_it_needs(http: Browser) -> None:
    page = http.get("/").text
    base = re.escape(re.search(r"/@[0-9a-f]{16}/", page)[0])  # type: ignore[index]
    names = [re.sub(f"^{base}", "", address) for address in addresses(page)]
    modules = ["main.js", "a.js", "deep/b.js", "c.js"]
    assert names == ["icon.svg", "styles.css", "/api/runs", "main.js", *modules]
    for address in addresses(page):
        if address.startswith("/@"):
            answer = http.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-encoding"] == "gzip"
    sheet = http.get(next(address for address in addresses(page) if address.endswith(".css")))
    assert sheet.headers["content-type"].startswith("text/css")
    assert sheet.text.index("red") < sheet.text.index("blue")


def test_what_the_browser_has_is_not_sent_again(http: Browser) -> None:
    for path in ("/", "/main.js"):
        first = http.get(path)
        assert first.headers["cache-control"] == "no-cache"
        again = http.get(path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = http.get(path, **{"Accept-Encoding": "identity"})
        assert plain.content == first.content
        assert plain.headers["etag"] != first.headers["etag"]


def test_an_edit_shows_up_and_an_old_page_is_not_left_without_files(
    http: Browser, folder: Path
) -> None:
    old = next(address for address in addresses(http.get("/").text) if address.endswith("/a.js"))
    (folder / "a.js").write_text("export const a = 1;\n")
    os.utime(folder / "a.js", ns=(1, 1))
    new = next(address for address in addresses(http.get("/").text) if address.endswith("/a.js"))
    assert new != old
    for address, control in ((old, "no-cache"), (new, "immutable")):
        answer = http.get(address)
        assert answer.text == "export const a = 1;\n"
        assert control in answer.headers["cache-control"]


def test_only_files_of_the_page_are_sent(http: Browser) -> None:
    for path in ("/secret.js", "/%2e%2e/secret.js", "/@0123456789abcdef/..%2fsecret.js"):
        assert http.get(path).status_code == 404
    for path in ("/styles", "/styles/", "/types.d.ts", "/none.js", "/a.js/", "/api/none"):
        assert http.get(path).status_code == 404
    assert http.ask("POST", "/main.js").status_code == 405
    assert http.ask("HEAD", "/main.js").status_code == 200


def test_every_module_of_the_page_is_needed() -> None:
    def read(name: str) -> str:
        return (FOLDER / name).read_text()

    needed = {*modules_of("main.js", read), *modules_of("late.js", read)}
    assert needed == {path.name for path in FOLDER.glob("*.js")}
