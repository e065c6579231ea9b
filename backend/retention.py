"""Which runs and snapshots are kept.

Ended runs are counted from the newest on. Those beyond ``runs`` are removed with all that belongs
to them; of those beyond ``snapshots`` only the last snapshot stays. Runs that wait, train or were
interrupted are neither counted nor touched. No clock is asked: one that is wrong could say that
everything is old. A run that was frozen from a removed one holds all that it needs.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.errors import RunStateError, UnknownRunError
from backend.schemas import Run, Status
from backend.settings import Settings
from backend.storage import RunStore

logger = logging.getLogger(__name__)

_COUNTED: tuple[Status, ...] = ("finished", "failed", "cancelled")


@dataclass(frozen=True)
class Rule:
    """How many ended runs are kept, and how many with all their snapshots; None: all."""

    runs: int | None
    snapshots: int | None

    @classmethod
    def of(cls, settings: Settings) -> Rule:
        """Return the rule that the settings have."""
        return cls(settings.keep_runs, settings.keep_snapshots)


@dataclass(frozen=True)
class Excess:
    """What a rule does not keep."""

    runs: Sequence[Run]
    """to be removed"""
    thinned: Sequence[Run]
    """of which only the last snapshot stays"""


class Retention:
    """Applies a rule to a store, again and again."""

    def __init__(self, store: RunStore, rule: Rule) -> None:
        self._store = store
        self._rule = rule
        self._seen = -1
        self._thin: set[str] = set()

    def excess(self) -> Excess:
        """Return what the rule does not keep."""
        ids = self._store.newest(_COUNTED)
        kept = ids[: self._rule.runs]
        many = [] if self._rule.snapshots is None else kept[self._rule.snapshots :]
        return Excess(
            runs=self._runs(ids[len(kept) :]),
            thinned=self._runs([one for one in many if self._is_thick(one)]),
        )

    def apply(self, excess: Excess, say: Callable[[str], None] = logger.warning) -> None:
        """Remove what the rule does not keep, and say so of each run."""
        for run in excess.runs:
            with contextlib.suppress(UnknownRunError, RunStateError):
                self._store.delete(run.id)
                say(f"Removed run {run.id} “{run.name}”.")
        for run in excess.thinned:
            last = max(self._store.snapshot_epochs(run.id), default=0)
            self._store.keep_snapshots(run.id, last.__eq__)
            self._thin.add(run.id)
            say(f"Removed all snapshots but the last of run {run.id} “{run.name}”.")

    def follow(self) -> None:
        """Apply the rule where something has happened since the last time."""
        if self._rule == Rule(None, None):
            return
        latest = self._store.last_event_id()
        if latest != self._seen:
            self._seen = latest
            self.apply(self.excess())

    def _runs(self, ids: Sequence[str]) -> list[Run]:
        found = []
        for run_id in ids:
            with contextlib.suppress(UnknownRunError):
                found.append(self._store.get(run_id))
        return found

    def _is_thick(self, run_id: str) -> bool:
        return run_id not in self._thin and len(self._store.snapshot_epochs(run_id)) > 1
