"""``priorscope prune``: remove what the rule of retention does not keep."""

from __future__ import annotations

from rich.console import Console

from backend.errors import PriorscopeError
from backend.retention import Retention, Rule
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
        for run in excess.runs:
            _say(f"{'Would remove' if dry_run else 'Removes'} run {run.id} “{run.name}”.")
        for run in excess.thinned:
            how = "Would keep" if dry_run else "Keeps"
            _say(f"{how} only the last snapshot of run {run.id} “{run.name}”.")
        if not excess.runs and not excess.thinned:
            _say("There is nothing to remove.")
        if not dry_run:
            retention.apply(excess)
    finally:
        store.close()


def _say(sentence: str) -> None:
    Console(highlight=False).print(visible(sentence), markup=False, soft_wrap=True)
