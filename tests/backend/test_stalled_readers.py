"""A hundred readers of events who have stopped reading: nothing piles up behind them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sqlite3
from pathlib import Path

from backend.events import EventTail
from backend.schemas import Event
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from models.priors.gaussian import StandardOptions

READERS, EVENTS = 100, 1000
AT_ONCE = 100


def _filled(data_dir: Path) -> RunStore:
    """A store with a run to which very much happened: its first event, again and again."""
    store = RunStore(Settings(data_dir=data_dir))
    store.create(RunConfig(prior=StandardOptions()))
    with contextlib.closing(sqlite3.connect(data_dir / "priorscope.db")) as database, database:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
            "INSERT INTO events (run_id, kind, data) "
            "SELECT run_id, kind, data FROM n, (SELECT * FROM events LIMIT 1)",
            (EVENTS,),
        )
    return store


def _events_in_memory() -> int:
    gc.collect()  # of what other tests left
    return sum(type(thing) is Event for thing in gc.get_objects())


def test_stalled_readers_hold_a_few_events_each(tmp_path: Path) -> None:
    store = _filled(tmp_path / "data")

    async def stall() -> None:
        tail, before = EventTail(store), _events_in_memory()
        streams = [tail.follow(0) for _ in range(READERS)]
        for stream in streams:
            assert await anext(stream)
        held = _events_in_memory() - before
        assert READERS < held <= READERS * AT_ONCE
        # One of them goes on, and misses nothing.
        numbers: list[int] = []
        while not numbers or numbers[-1] < tail.latest:
            event = await anext(streams[7])
            assert event is not None
            numbers.append(event.id)
        assert numbers == list(range(2, EVENTS + 2))

    asyncio.run(stall())
    store.close()
