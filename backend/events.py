"""Following the log of events live, for any number of streams with one poller."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

from backend.schemas import ENDED, Event, Run
from backend.storage import RunStore

logger = logging.getLogger(__name__)

_BATCH = 100  # events that a stream holds while it writes them
_BUSY_SECONDS = 0.1
_IDLE_SECONDS = 0.5
_POLLS_UNTIL_IDLE = 30
_REMEMBERED = 2000
_QUIET_SECONDS = 15.0


class EventTail:
    """The end of the log, read again and again from the database.

    A stream takes a few events at a time, and more when it has written those: one whose reader is
    slow has nothing piling up behind it.

    Trainers, in this server's workers or in other programs, write to the database and nowhere else:
    a queue between processes would break when one of them is killed while it writes.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._recent: deque[Event] = deque(maxlen=_REMEMBERED)
        self._complete_after = self._latest = store.last_event_id()
        self._news = asyncio.Event()
        self._closed = False
        self._polled_at = time.monotonic()

    async def run(self) -> None:
        """Poll until cancelled: often while something happens, less often when nothing does."""
        quiet_polls = 0
        while True:
            quiet_polls = 0 if await self._poll() else quiet_polls + 1
            await asyncio.sleep(_BUSY_SECONDS if quiet_polls < _POLLS_UNTIL_IDLE else _IDLE_SECONDS)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self._news.set()

    @property
    def age(self) -> float:
        """Seconds since the log was read last."""
        return time.monotonic() - self._polled_at

    @property
    def latest(self) -> int:
        """The number of the newest event that was seen."""
        return self._latest

    async def clamp(self, event_id: int) -> int:
        """Return the number, or the newest one if it is from the future (of another store)."""
        if event_id <= self._latest:
            return event_id
        return min(event_id, await asyncio.to_thread(self._store.last_event_id))

    async def follow(self, after: int, run: Run | None = None) -> AsyncIterator[Event | None]:
        """Yield the events after number ``after``, then new ones as they come.

        In quiet times it yields None now and then. Ends when the server does; for one run it also
        ends when the run has.
        """
        run_id, ended = (run.id, run.ended) if run else (None, False)
        while True:
            news, latest = self._news, self._latest
            events = await self._events_after(after, run_id)
            for event in events:
                yield event
                after = event.id
                ended = _ends_run(event) if event.kind in ("status", "deleted") else ended
            if not events:
                after = max(after, latest)
                if self._closed or (run_id is not None and ended):
                    return
                if not await _comes(news):
                    yield None

    async def _poll(self) -> bool:
        try:
            events = await asyncio.to_thread(self._store.events_after, self._latest)
        except Exception:
            logger.exception("The event log could not be read; trying again")
            return False
        self._polled_at = time.monotonic()
        for event in events:
            if len(self._recent) == _REMEMBERED:
                self._complete_after = self._recent[0].id
            self._recent.append(event)
            self._latest = event.id
        if events:
            self._news.set()
            self._news = asyncio.Event()
        return bool(events)

    async def _events_after(self, after: int, run_id: str | None) -> Sequence[Event]:
        if after < self._complete_after:
            return await asyncio.to_thread(
                self._store.events_after, after, run_id=run_id, limit=_BATCH
            )
        later = (
            event
            for event in self._recent
            if event.id > after and (run_id is None or event.run_id == run_id)
        )
        return list(itertools.islice(later, _BATCH))


async def _comes(news: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(news.wait(), _QUIET_SECONDS)
    except TimeoutError:
        return False
    return True


def _ends_run(event: Event) -> bool:
    return event.kind == "deleted" or event.data["status"] in ENDED


@contextlib.asynccontextmanager
async def tailing(store: RunStore) -> AsyncIterator[EventTail]:
    """Run the poller while the block does."""
    tail = EventTail(store)
    task = asyncio.create_task(tail.run())
    try:
        yield tail
    finally:
        tail.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
