"""The page and Plotly.js, as static files."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.assets import Asset, Assets
from backend.joining import Joined, join
from backend.modules import modules_of

FOLDER = Path(__file__).parent.parent / "frontend"

# What the page begins with, and what that one imports once the panels are drawn.
_FIRST, _LATER = "main.js", "late.js"
_PAGE = "index.html"
_PLOTLY = "/vendor/plotly.min.js"
_FOREVER = "public, max-age=31536000, immutable"
# Addresses in the page that are neither absolute nor within the page.
_RELATIVE = re.compile(r'(?<= )(href|src)="(?![/#]|[a-z]+:)([^"]+)"')
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_SHEETS = re.compile(rf"(?: *{_SHEET.pattern}\n)+")
_ALL_SHEETS = "styles.css"
_JOINED = "joined/"
# What they do to the files is part of the version, for browsers keep the outcome for ever.
MAKERS = tuple(
    Path(__file__).with_name(f"{name}.py")
    for name in ("frontend", "joining", "modules", "source_map")
)
_VERSIONED = re.compile(r"@([0-9a-f]{16})/(.+)")


class Frontend:
    """Answers with the files of the page, and 404 for all else.

    The page itself is asked for each time, so that edits show up; the browser is told by its ETag
    in a few bytes that nothing has changed. It names its files under ``/@VERSION/``, the version
    being a hash over all of them and over this code, so that they are kept for ever. Its style
    sheets travel as one, and so do the modules that it begins with, and those that come later.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = Assets(folder, made_by=MAKERS)
        self._made: dict[str, Asset] = {}
        self._version = ""
        self._makers: dict[str, tuple[str, Callable[[], str]]] = {
            _PAGE: ("text/html; charset=utf-8", self._page),
            _ALL_SHEETS: ("text/css; charset=utf-8", self._sheets),
        }
        for entry in (_FIRST, _LATER):
            joined = _JOINED + entry
            script, source_map = partial(self._script, entry), partial(self._source_map, entry)
            self._makers[joined] = ("text/javascript; charset=utf-8", script)
            self._makers[f"{joined}.map"] = ("application/json", source_map)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if request.url.path == _PLOTLY:
            # Compressing it takes longer than others should have to wait.
            answer = _response(request, await asyncio.to_thread(_plotly), "public, max-age=604800")
        else:
            answer = self._answer(request)
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        name, version = request.url.path.lstrip("/") or _PAGE, ""
        if found := _VERSIONED.fullmatch(name):
            version, name = found.groups()
        # Who asks for a part has a page already, which it should fit.
        if name == _PAGE or not self._assets.version:
            self._assets.refresh()
        asset = self._asset(name) if name in self._makers else self._assets.get(name)
        if asset is None:
            raise HTTPException(404)
        # A page that is older than the files gets them as they are, and asks again next time.
        current = version != "" and version == self._assets.version
        return _response(request, asset, _FOREVER if current else "no-cache")

    def _asset(self, name: str) -> Asset:
        """Return what is made of the files; made once for each version."""
        if self._version != self._assets.version:
            self._made, self._version = {}, self._assets.version
        if name not in self._made:
            media_type, make = self._makers[name]
            self._made[name] = Asset.of(make().encode(), media_type)
        return self._made[name]

    def _page(self) -> str:
        """Return index.html with its files under their version."""
        text = self._assets.text(_PAGE)
        text = _SHEETS.sub(f'    <link rel="stylesheet" href="{_ALL_SHEETS}">\n', text)
        text = text.replace(f'src="{_FIRST}"', f'src="{_JOINED}{_FIRST}"')
        base = f"/@{self._assets.version}/"
        return _RELATIVE.sub(lambda match: f'{match[1]}="{base}{match[2]}"', text)

    def _sheets(self) -> str:
        """Return all style sheets in the order in which index.html names them."""
        names = _SHEET.findall(self._assets.text(_PAGE))
        return "\n".join(map(self._assets.text, names))

    def _script(self, entry: str) -> str:
        return f"{self._joined(entry).text()}//# sourceMappingURL={entry}.map\n"

    def _source_map(self, entry: str) -> str:
        return self._joined(entry).source_map()

    def _joined(self, entry: str) -> Joined:
        read = self._assets.text
        after = None if entry == _FIRST else (_FIRST, modules_of(_FIRST, read))
        return join(entry, read, after)


@cache
def _plotly() -> Asset:
    """Return Plotly.js as it came with the Python package; compressed once, not at every request.

    Raises:
        HTTPException: it is not there.
    """
    # Found, not imported: importing the package takes longer than all the rest.
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise HTTPException(404)
    script = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    return Asset.of(script, "text/javascript; charset=utf-8", level=6)


def _response(request: Request, asset: Asset, cache_control: str) -> Response:
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    # Another encoding is another sequence of bytes, and has another name.
    etag = f'"{asset.digest}-gzip"' if compressed else f'"{asset.digest}"'
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["Content-Encoding"] = "gzip"
    content = asset.compressed if compressed else gzip.decompress(asset.compressed)
    return Response(content, media_type=asset.media_type, headers=headers)
