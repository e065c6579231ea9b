"""Running the application until it is told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from backend import logs
from backend.access import Access
from backend.app import Application, create_app
from backend.data_folder import occupy
from backend.errors import PriorscopeError
from backend.http_protocol import protocol
from backend.revisions import refuse_newer
from backend.settings import Settings


class AddressError(PriorscopeError):
    """The server cannot listen where it was told to."""

    slug, title = "address", "Cannot listen"


class Server(uvicorn.Server):
    """Uvicorn, which says where it listens, and ends event streams before it waits for them."""

    def __init__(self, app: Application, settings: Settings, url: str) -> None:
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
        print(_welcome(self.url, self.app.access), flush=True)
        if self.open_browser and _has_desktop():
            threading.Thread(target=_open, args=(self.url,), daemon=True).start()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal while the block runs; on one after that, leave in no other way.

        Uvicorn would restore what signals did before, and a second Ctrl-C look like a failure.
        """
        _heed(self.handle_exit)
        try:
            yield
        finally:
            _heed(self._leave)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop. A second Ctrl-C changes nothing: stopping takes a few seconds at most."""
        self.should_exit = True

    def _leave(self, _signal: int, _frame: FrameType | None) -> None:
        """Leave at once: everything has ended, but for threads that nobody waits for."""
        os._exit(0 if self.app.loading.failure is None else 1)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop: also where the application turns out not to be able to start."""
        return await super().on_tick(counter) or self.app.loading.failure is not None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and stop."""
        self.app.loading.let_go()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or a termination signal; then trainings stop, keeping what they have.

    The page is there at once, the rest follows; what cannot be used is found out before or then.

    Raises:
        AddressError: host and port cannot be listened on.
        OccupiedError: another server has the data folder.
        StoreError, DiskFullError: the data folder cannot be used.
    """
    logs.configure(settings)
    if settings.database_url is None:
        # Others are looked at when they are opened, for that takes SQLAlchemy.
        refuse_newer(settings.database_file)
    with occupy(settings.data_dir, "“priorscope serve”") as occupation:
        listener = _listen(settings.host, settings.port)
        host, port = settings.host, listener.getsockname()[1]
        shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
        url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
        occupation.announce(url)
        app = create_app(settings)
        Server(app, settings, url).run(sockets=[listener])
        # In its last steps Python would let them end the process as usual, whatever handles them.
        _heed(signal.SIG_IGN)
        if app.loading.failure is not None:
            raise app.loading.failure
        if app.loading.left:
            # On its usual way out Python would pull PyTorch from under the thread that imports it.
            sys.stdout.flush()
            os._exit(0)


def _heed(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Let requests to stop do this."""
    for number in HANDLED_SIGNALS:
        signal.signal(number, handler)


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
