"""Seats: how many streams of events are open at a time, in all and to one client."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from backend.errors import BusyError, TooManyStreamsError
from backend.settings import Settings


class Seats:
    """Counts those who follow the events. For one event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self._taken.total()

    @contextlib.contextmanager
    def take(self, client: str) -> Iterator[None]:
        """Take a seat while the block runs.

        Raises:
            TooManyStreamsError: this client has as many as one may have.
            BusyError: all are taken.
        """
        if self._taken[client] >= self._settings.max_client_streams:
            raise TooManyStreamsError(
                f"{self._taken[client]} streams of events are open to {client} already, which is "
                "the most allowed to one address (PRIORSCOPE_MAX_CLIENT_STREAMS). Close a page."
            )
        if self.taken >= self._settings.max_streams:
            raise BusyError(
                f"{self.taken} streams of events are open already, which is the most allowed "
                "(PRIORSCOPE_MAX_STREAMS). Ask again when somebody has left."
            )
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
