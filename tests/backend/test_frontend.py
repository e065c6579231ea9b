"""How the files of the page are sent: all at once, compressed, kept for ever, and still current."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from backend.assets import Assets
from backend.frontend import FOLDER, MAKERS, Frontend
from backend.modules import modules_of
from tests.backend.test_imports import ALLOWED

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
        "a.js": "import './c.js';\nexport const a = 0;\n",
        "c.js": "export const c = 'import';\n",
        "late.js": "",
        "deep/b.js": "import { a } from '../a.js';\nexport const b = a;\n",
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
    assert found == ["c.js", "a.js", "deep/b.js", "main.js"]


def test_the_page_names_everything_that_it_needs(http: Browser) -> None:
    page = http.get("/").text
    base = re.escape(re.search(r"/@[0-9a-f]{16}/", page)[0])  # type: ignore[index]
    names = [re.sub(f"^{base}", "", address) for address in addresses(page)]
    assert names == ["icon.svg", "styles.css", "/api/runs", "joined/main.js"]
    for address in addresses(page):
        if address.startswith("/@"):
            answer = http.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-encoding"] == "gzip"
    sheet = http.get(next(address for address in addresses(page) if address.endswith(".css")))
    assert sheet.headers["content-type"].startswith("text/css")
    assert sheet.text.index("red") < sheet.text.index("blue")


def test_the_modules_travel_as_one_and_those_that_come_later_as_another(http: Browser) -> None:
    script = next(address for address in addresses(http.get("/").text) if "joined" in address)
    first = http.get(script).text
    later = http.get(script.replace("main.js", "late.js")).text
    assert all(f'$modules["{name}"] = ' in first for name in ("c.js", "a.js", "deep/b.js"))
    assert '$modules["late.js"] = ' in later
    assert '$modules["c.js"] = ' not in later
    for text, name in ((first, "main.js"), (later, "late.js")):
        assert text.endswith(f"//# sourceMappingURL={name}.map\n")
        sources = http.get(script.replace("main.js", f"{name}.map")).json()["sources"]
        assert f"../{name}" in sources


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
    old = next(address for address in addresses(http.get("/").text) if address.endswith("/main.js"))
    before = http.get(old).text
    (folder / "a.js").write_text("export const a = 1;\n")
    os.utime(folder / "a.js", ns=(1, 1))
    assert http.get(old).text == before
    new = next(address for address in addresses(http.get("/").text) if address.endswith("/main.js"))
    assert new != old
    for address, control in ((old, "no-cache"), (new, "immutable")):
        answer = http.get(address)
        assert "const a = 1;\n" in answer.text
        assert control in answer.headers["cache-control"]


def test_other_code_makes_another_version(folder: Path, tmp_path: Path) -> None:
    """Browsers keep for ever what was made of the files, as it was made at the time."""
    code = tmp_path / "making.py"
    versions = []
    for text in ("one way", "another way", "one way"):
        code.write_text(text)
        assets = Assets(folder, made_by=[code])
        assets.refresh()
        versions.append(assets.version)
    assert versions[0] == versions[2] != versions[1]


def test_all_code_that_makes_something_of_the_files_is_part_of_the_version() -> None:
    parts = {"frontend"} | ALLOWED["frontend"]
    parts |= {part for each in parts for part in ALLOWED[each]}
    assert {path.stem for path in MAKERS} == parts - {"assets"}  # which are sent as they are


def test_a_server_that_was_started_anew_has_the_parts_of_an_open_page(folder: Path) -> None:
    for name in ("joined/late.js", "styles.css"):
        answer = Browser(folder).get(f"/@0123456789abcdef/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


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
