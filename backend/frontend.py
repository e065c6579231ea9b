"""The page and Plotly.js, as static files."""

from __future__ import annotations

import asyncio
import gzip
import html
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.assets import Asset, Assets
from backend.modules import modules_of

FOLDER = Path(__file__).parent.parent / "frontend"

_ENTRY = "main.js"
_PLOTLY = "/vendor/plotly.min.js"
_FOREVER = "public, max-age=31536000, immutable"
# Addresses in the page that are neither absolute nor within the page.
_RELATIVE = re.compile(r'(?<= )(href|src)="(?![/#]|[a-z]+:)([^"]+)"')
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_SHEETS = re.compile(rf"(?: *{_SHEET.pattern}\n)+")
_ALL_SHEETS = "styles.css"
_VERSIONED = re.compile(r"@([0-9a-f]{16})/(.+)")


class Frontend:
    """Answers with the files of the page, and 404 for all else.

    The page itself is asked for each time, so that edits show up; the browser is told by its ETag
    in a few bytes that nothing has changed. It names its files under ``/@VERSION/``, the version
    being a hash over all of them, so that they are kept for ever. It also names all its modules at
    once, for else a browser would find them one import after the other; and its style sheets travel
    as one.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = Assets(folder)
        self._built: tuple[str, Asset] | None = None

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
        path = request.url.path.lstrip("/")
        if path in ("", "index.html"):
            return _response(request, self._page(), "no-cache")
        version, name = "", path
        if found := _VERSIONED.fullmatch(path):
            version, name = found.groups()
        asset = self._sheets() if name == _ALL_SHEETS else self._assets.get(name)
        if asset is None:
            raise HTTPException(404)
        # A page that is older than the files gets them as they are, and asks again next time.
        current = version != "" and version == self._assets.version
        return _response(request, asset, _FOREVER if current else "no-cache")

    def _sheets(self) -> Asset:
        """Return all style sheets in the order in which index.html names them."""
        names = _SHEET.findall(self._assets.text("index.html"))
        text = "\n".join(map(self._assets.text, names))
        return Asset.of(text.encode(), "text/css; charset=utf-8")

    def _page(self) -> Asset:
        """Return index.html with its files under their version, and all modules named."""
        self._assets.refresh()
        version = self._assets.version
        if self._built is None or self._built[0] != version:
            self._built = version, self._build(f"/@{version}/")
        return self._built[1]

    def _build(self, base: str) -> Asset:
        source = self._assets.text("index.html")
        modules = modules_of(_ENTRY, self._assets.text)
        links = "".join(
            f'    <link rel="modulepreload" href="{html.escape(name)}">\n' for name in modules
        )
        text = _SHEETS.sub(f'    <link rel="stylesheet" href="{_ALL_SHEETS}">\n', source)
        text = text.replace("  </head>", f"{links}  </head>", 1)
        text = _RELATIVE.sub(lambda match: f'{match[1]}="{base}{match[2]}"', text)
        return Asset.of(text.encode(), "text/html; charset=utf-8")


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
