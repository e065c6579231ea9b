"""The interface on its way: imported and made while the page is served already."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from backend.errors import NotReadyError

if TYPE_CHECKING:
    from backend.interface import Interface

# Less than clients wait for an answer (connection.py), so that they are told.
_PATIENCE_SECONDS = 45.0


class Loading:
    """Makes the interface in a thread, starts it, and ends it again. For one start only.

    ``make`` can be left in the middle, where the process ends: it must bear that as it bears a
    crash. Once it is done, what the interface starts is ended in order, whatever happens.
    """

    def __init__(self, make: Callable[[], Interface]) -> None:
        self._make = make
        self._thread: threading.Thread | None = None
        self._settled = asyncio.Event()
        self.interface: Interface | None = None
        """None: it is not there yet."""
        self.failure: Exception | None = None
        """Why there will be none."""

    @property
    def left(self) -> bool:
        """Whether the thread is still at work, though nobody waits for it any more."""
        return self._settled.is_set() and self._thread is not None and self._thread.is_alive()

    @contextlib.asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Load while the block runs; at its end, end what was loaded."""
        end = asyncio.Event()
        made = self._start()
        life = asyncio.create_task(self._live(made, end))
        try:
            yield
        finally:
            self.let_go()
            end.set()
            await life

    async def wait(self) -> Interface:
        """Return the interface as soon as it is there.

        Raises:
            NotReadyError: it does not come.
        """
        if self._thread is None:
            raise RuntimeError("The application was not started: it was given no lifespan.")
        try:
            await asyncio.wait_for(self._settled.wait(), _PATIENCE_SECONDS)
        except TimeoutError as error:
            raise NotReadyError(
                f"The server has not finished starting within {_PATIENCE_SECONDS:.0f} seconds. "
                "Its log may say why. Ask again later."
            ) from error
        if self.interface is not None:
            return self.interface
        raise NotReadyError(
            "The server stops." if self.failure is None else f"It cannot start: {self.failure}"
        )

    def let_go(self) -> None:
        """Let nobody wait any longer, for the interface or for events."""
        self._settled.set()
        if self.interface is not None:
            self.interface.state.tail.close()

    def _start(self) -> asyncio.Future[Interface]:
        made: Future[Interface] = Future()
        made.set_running_or_notify_cancel()

        def work() -> None:
            try:
                made.set_result(self._make())
            except BaseException as error:
                made.set_exception(error)

        # Of a pool's thread Python would wait to the end, and imports cannot be stopped.
        self._thread = threading.Thread(target=work, name="loading", daemon=True)
        self._thread.start()
        return asyncio.wrap_future(made)

    async def _live(self, made: asyncio.Future[Interface], end: asyncio.Event) -> None:
        let_go = asyncio.create_task(self._settled.wait())
        either: tuple[asyncio.Future[Any], ...] = (made, let_go)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if made.done():
                interface = made.result()
                async with interface.router.lifespan_context(interface):
                    self.interface = interface
                    self._settled.set()
                    await end.wait()
        except Exception as error:
            self.failure = error
        finally:
            made.cancel()
            let_go.cancel()
            self._settled.set()
