"""Lanes: how much is computed at a time for those who ask, so that nobody takes all the cores."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from backend.errors import BusyError
from backend.settings import Settings

_MOST_SECONDS = 30.0


class Lane:
    """Lets a few through at a time, and the others wait in order.

    One owner never has the whole lane, unless it is that narrow: a run whose prior takes minutes to
    be evaluated does not keep the explorers of other runs waiting.
    """

    def __init__(self, name: str, width: int, most_waiting: int) -> None:
        self.name = name
        self.waiting = 0
        self._width = width
        self._most_waiting = most_waiting
        self._free = asyncio.Semaphore(width)
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def turn(self, owner: str | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs.

        Raises:
            BusyError: too many wait already, or the wait was too long.
        """
        if self.waiting >= self._most_waiting:
            raise BusyError(
                f"{self.waiting} requests wait to be worked out already, which is the most allowed "
                "(PRIORSCOPE_MAX_WAITING). Ask again soon."
            )
        async with contextlib.AsyncExitStack() as held:
            self.waiting += 1
            try:
                async with asyncio.timeout(_MOST_SECONDS):
                    if owner is not None:
                        await held.enter_async_context(self._share(owner))
                    await held.enter_async_context(self._free)
            except TimeoutError as error:
                raise BusyError(
                    f"There was no time for this within {_MOST_SECONDS:.0f} seconds, as much else "
                    "is being worked out. Ask again soon."
                ) from error
            finally:
                self.waiting -= 1
            yield

    def _share(self, owner: str) -> asyncio.Semaphore:
        """Return what limits the owner; forgotten once nobody has or wants it."""
        share = self._shares.get(owner)
        if share is None:
            share = self._shares[owner] = asyncio.Semaphore(max(1, self._width - 1))
        return share


class Lanes:
    """The lanes of a server.

    A flood of large grids fills its own lane, and does not keep the pointer over a plane, which
    decodes at every move, from being answered.
    """

    def __init__(self, settings: Settings) -> None:
        width, most = settings.explore_threads, settings.max_waiting
        self.exploring = Lane("exploring", width, most)
        self.decoding = Lane("decoding", width, most)
        self.animating = Lane("animating", 1, most)

    @property
    def all(self) -> tuple[Lane, ...]:
        """Every lane."""
        return self.exploring, self.decoding, self.animating
