"""``priorscope prune``: remove what the rule of retention does not keep."""

from __future__ import annotations

from rich.console import Console

from backend.errors import PriorscopeError
from backend.retention import Excess, Retention, Rule
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible


def prune(settings: Settings, dry_run: bool) -> None:
    """Remove it and print each run; ``dry_run`` only prints.

    Raises:
        PriorscopeError: nothing was said about what to keep.
    """
    rule = Rule.of(settings)
    if rule == Rule(None, None):
        raise PriorscopeError(
            "Say what to keep: --keep-runs, --keep-snapshots, or both (or PRIORSCOPE_KEEP_RUNS, "
            "PRIORSCOPE_KEEP_SNAPSHOTS)."
        )
    store = RunStore(settings)
    try:
        retention = Retention(store, rule)
        excess = retention.excess()
        if not excess.runs and not excess.thinned:
            _say("There is nothing to remove.")
        elif dry_run:
            _print(excess)
        else:
            retention.apply(excess, _say)
    finally:
        store.close()


def _print(excess: Excess) -> None:
    for run in excess.runs:
        _say(f"Would remove run {run.id} “{run.name}”.")
    for run in excess.thinned:
        _say(f"Would remove all snapshots but the last of run {run.id} “{run.name}”.")


def _say(sentence: str) -> None:
    Console(highlight=False).print(visible(sentence), markup=False, soft_wrap=True)
