"""The page and Plotly.js, as static files."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

FOLDER = Path(__file__).parent.parent / "frontend"


class Frontend:
    """Answers what no route does: the files of the page, and 404 for the rest.

    Files are sent with ``no-cache``: the browser asks each time whether they changed, so that edits
    show up, and is told by their ETag in a few bytes that they did not.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = StaticFiles(directory=folder, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            raise HTTPException(404)
        response = await self._files.get_response(self._files.get_path(scope), scope)
        response.headers["Cache-Control"] = "no-cache"
        await response(scope, receive, send)


def plotly(request: Request) -> Response:
    """Send Plotly.js as it came with the Python package; compressed once, not at every request."""
    content, etag = _plotly()
    headers = {"ETag": etag, "Cache-Control": "public, max-age=604800"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="text/javascript", headers=headers)


@cache
def _plotly() -> tuple[bytes, str]:
    """Return the compressed file and its ETag."""
    # Found, not imported: importing the package takes longer than all the rest.
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise HTTPException(404)
    script = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    return gzip.compress(script, 6), f'"{hashlib.sha256(script).hexdigest()[:32]}"'
