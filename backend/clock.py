"""The time of day, for people to read. It decides nothing, for clocks are set back, and forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TICK = timedelta(microseconds=1)


def now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


def now_after(earlier: datetime | None) -> datetime:
    """Return the time of day, or the moment after ``earlier`` where the clock was set back since.

    So what came later never counts as older, and nothing takes less than no time.
    """
    return now() if earlier is None else max(now(), earlier + _TICK)
