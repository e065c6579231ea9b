"""``priorscope runs``: a table of the runs."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backend.commands.connection import connect
from backend.jobs import TrainingJobs
from backend.schemas import Run, RunPage
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible


def show(settings: Settings, limit: int) -> None:
    """Print the runs, the newest first, and say so where some are left out."""
    store = RunStore(settings)
    TrainingJobs(store, settings).reap()
    page = store.list(limit=limit)
    store.close()
    _print(page, str(settings.data_dir))


def show_there(server: str, limit: int) -> None:
    """Print the runs of a server, likewise.

    Raises:
        PriorscopeError: the server refuses, or cannot be reached.
    """
    with connect(server) as client:
        page = client.runs(limit=limit)
    _print(page, server)


def _print(page: RunPage, where: str) -> None:
    console = Console()
    if not page.items:
        console.print(f"There are no runs in {where} yet.", markup=False, soft_wrap=True)
        return
    table = Table()
    for heading in ("Id", "Name", "Status", "Epoch", "Test −ELBO"):
        table.add_column(heading)
    for run in page.items:
        table.add_row(*map(Text, _cells(run)))
    console.print(table)
    if page.total > len(page.items):
        console.print(f"{len(page.items)} of {page.total} runs; see --limit.")


def _cells(run: Run) -> list[str]:
    elbo = "–" if run.metrics is None else f"{-run.metrics.test.elbo.value:.2f}"
    return [
        run.id,
        visible(run.name),
        run.status,
        f"{run.progress.epoch}/{run.progress.epochs}",
        elbo,
    ]
