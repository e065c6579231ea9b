"""Running the application until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import webbrowser
from types import FrameType

import uvicorn
from fastapi import FastAPI

from backend import logs
from backend.access import Access
from backend.app import create_app
from backend.data_folder import occupy
from backend.database import check_version
from backend.errors import PriorscopeError
from backend.http_protocol import protocol
from backend.settings import Settings
from backend.storage import RunStore


class AddressError(PriorscopeError):
    """The server cannot listen where it was told to."""

    slug, title = "address", "Cannot listen"


class Server(uvicorn.Server):
    """Uvicorn, which says where it listens, and ends event streams before it waits for them."""

    def __init__(self, app: FastAPI, settings: Settings, url: str) -> None:
        config = uvicorn.Config(
            app,
            http=protocol(settings),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        super().__init__(config)
        self.app = app
        self.url = url
        self.open_browser = settings.open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and say so."""
        await super().startup(sockets)
        print(_welcome(self.url, self.app.state.access), flush=True)
        if self.open_browser and _has_desktop():
            threading.Thread(target=_open, args=(self.url,), daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop. A second Ctrl-C changes nothing: stopping takes a few seconds at most."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and stop."""
        self.app.state.tail.close()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or a termination signal; then trainings stop, keeping what they have.

    Raises:
        AddressError: host and port cannot be listened on.
        OccupiedError: another server has the data folder.
        StoreError, DiskFullError: the data folder cannot be used.
    """
    logs.configure(settings)
    check_version(settings.url)
    with occupy(settings.data_dir, "“priorscope serve”") as occupation:
        # Here a failure is a sentence; the application could only say so in its log.
        RunStore(settings).close()
        listener = _listen(settings.host, settings.port)
        host, port = settings.host, listener.getsockname()[1]
        shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
        url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
        occupation.announce(url)
        Server(create_app(settings), settings, url).run(sockets=[listener])


def _welcome(url: str, access: Access) -> str:
    """Say where the page is. A token that was set is not shown: whoever set it knows it."""
    shown = f"{url}/?token={access.token}" if access.made_up else url
    lines = ["", f"  Priorscope is at {shown}   (Ctrl-C stops it)"]
    if access.token is not None and not access.made_up:
        lines.append("  It asks for the token in PRIORSCOPE_TOKEN.")
    if not access.local:
        lines.append("  From elsewhere, put this computer's name or address in place of the host.")
    return "\n".join([*lines, ""])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as on_failure:
            # Its protocol is named, for asyncio sends small answers at once only then.
            listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            on_failure.callback(listener.close)
            if sys.platform != "win32":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
            on_failure.pop_all()
    except OSError as error:
        raise AddressError(
            f"Cannot listen on {host}:{port} ({error.strerror}). "
            "Is Priorscope running already? Otherwise choose another --port, or 0 for a free one."
        ) from error
    return listener


def _has_desktop() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
