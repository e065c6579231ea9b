"""Answers kept in memory, and work that those who ask for the same thing at once share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.errors import BusyError

_OVERHEAD = 1000  # bytes, roughly, of what goes with a body


@dataclass(frozen=True)
class Answer:
    """A response as it is kept: its body compressed where that is worth it."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    compressed: bool


class Answers:
    """Answers by key: those used last, up to a number of bytes.

    What is being worked out is waited for, not worked out again. It is worked out to its end even
    if whoever asked first is gone by then.
    """

    def __init__(self, megabytes: int) -> None:
        self._limit = megabytes * 1_000_000
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._making: dict[str, asyncio.Task[Answer]] = {}
        self.bytes = 0
        self.kept = self.shared = self.made = 0
        """How many answers came from memory, from another's work, and from work of their own."""

    async def get(
        self, key: str, make: Callable[[], Awaitable[Answer]], *, keep: bool, seconds: float
    ) -> Answer:
        """Return the answer of that key; ``make`` makes it where there is none, and may fail.

        ``keep`` says whether it will still be right later.

        Raises:
            BusyError: it takes longer than ``seconds``; it goes on being worked out.
        """
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            self.kept += 1
            return found
        task = self._making.get(key)
        if task is None:
            self.made += 1
            task = self._making[key] = asyncio.create_task(self._make(key, make, keep))
            task.add_done_callback(_seen)
        else:
            self.shared += 1
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise BusyError(
                f"This takes more than {seconds:g} seconds (PRIORSCOPE_ANSWER_SECONDS). It goes on "
                "being worked out: ask again in a while."
            ) from error

    async def _make(self, key: str, make: Callable[[], Awaitable[Answer]], keep: bool) -> Answer:
        try:
            answer = await make()
            if keep:
                self._keep(key, answer)
            return answer
        finally:
            del self._making[key]

    def _keep(self, key: str, answer: Answer) -> None:
        size = _size(answer)
        if size > self._limit:
            return
        self._kept[key] = answer
        self.bytes += size
        while self.bytes > self._limit:
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= _size(dropped)


def _size(answer: Answer) -> int:
    return len(answer.body) + _OVERHEAD


def _seen(task: asyncio.Task[Answer]) -> None:
    """Look at the failure even if all who waited are gone, so that none is reported as lost."""
    if not task.cancelled():
        task.exception()
