"""A clock that is set back, or far ahead, changes no order and loses nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from backend import clock
from backend.storage import RunStore
from models.config import RunConfig
from tests.backend.conftest import brief
from tests.backend.test_storage import epoch
from tests.conftest import ROOT

CONFIG = RunConfig.model_validate(brief())
JUMPS = [0, -3650, 36500, -1, 0, -36500]  # days


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Set the clock: add days to it by changing the list's one number."""
    days = [0.0]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days[0]))
    return days


def test_runs_and_events_keep_their_order(store: RunStore, jump: list[float]) -> None:
    ids = []
    for number, days in enumerate(JUMPS):
        jump[0] = days
        ids.append(store.create(CONFIG, f"number {number}").id)
    assert [run.id for run in store.list(sort="created_at").items] == ids
    assert [run.id for run in store.list().items] == ids[::-1]
    # So a server that is started again takes them in their turn.
    assert list(store.ids("queued")) == ids
    assert [event.run_id for event in store.events_after(0)] == ids


@pytest.mark.parametrize("days", [-3650, 36500])
def test_nothing_takes_less_than_no_time(store: RunStore, jump: list[float], days: float) -> None:
    run = store.create(CONFIG)
    jump[0] += days
    store.claim(run.id)
    store.record(run.id, [epoch(1)], 1.0)
    jump[0] -= 2 * days
    store.record(run.id, [epoch(2)], 1.0)
    store.finish(run.id, "finished")
    ended = store.get(run.id)
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert ended.created_at <= ended.started_at <= ended.finished_at
    assert store.history(run.id).epoch == [1, 2]
    cancelled = store.create(CONFIG)
    jump[0] -= abs(days)
    stopped = store.request_stop(cancelled.id, "cancelled")
    assert stopped.finished_at is not None
    assert stopped.finished_at > stopped.created_at


def test_what_waits_or_expires_does_not_look_at_the_time_of_day() -> None:
    """It is read where it is written down for people, and nowhere else."""
    readers = {
        str(file.relative_to(ROOT))
        for folder in ("backend", "models")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(r"\btime\.time\(|datetime\.(now|utcnow|today)|date\.today", file.read_text())
    }
    assert readers == {"backend/clock.py", "models/data/description.py"}
