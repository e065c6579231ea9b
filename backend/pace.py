"""How often something is done that costs time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator


class Pace:
    """Says when to do something again: not before so many seconds, nor for too much of the time."""

    def __init__(self, seconds: float, share: float) -> None:
        """Take the seconds between two times, and the share of all time that it may take."""
        self._seconds = seconds
        self._share = share
        self._due_at = -float("inf")

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self._due_at

    @contextlib.contextmanager
    def taking(self) -> Iterator[None]:
        """Do it in this block, which is timed."""
        began = time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            self._due_at = ended + max(self._seconds, (ended - began) / self._share)
