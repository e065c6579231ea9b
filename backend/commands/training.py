"""``priorscope train``: one run with a progress bar, here or on a server."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

import torch
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.client import PriorscopeClient
from backend.commands.connection import connect
from backend.errors import PriorscopeError
from backend.jobs import TrainingJobs
from backend.planning import plan
from backend.resuming import AFTER
from backend.schemas import CreateRun, Epoch, Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.training import StopSignal
from backend.training import train as train_run
from backend.visible_text import visible

_STATUS = {"finished": 0, "cancelled": 130}


def train_here(settings: Settings, run: CreateRun) -> Run:
    """Train in this process, into the store of ``settings``; return the run as it ended.

    Raises:
        PriorscopeError: the data set or the run to freeze is unknown, or does not fit.
    """
    with _opened(settings) as store:
        config, source = plan(run, store)
        return _train(store, store.create(config, run.name, source))


def resume_here(settings: Settings, run_id: str) -> Run:
    """Go on with a run in this process; return it as it ended.

    Raises:
        UnknownRunError: no run has this id.
        RunStateError: it has not stopped, or cannot go on.
    """
    with _opened(settings) as store:
        # One whose trainer died counts as running until somebody looks.
        TrainingJobs(store, settings).reap()
        status = store.get(run_id).status
        return _train(store, store.requeue(run_id, AFTER.get(status, "")))


def train_there(server: str, run: CreateRun) -> Run:
    """Train on a server, and follow it; return the run as it ended.

    Raises:
        PriorscopeError: the server refuses, or cannot be reached.
    """
    return _follow(server, lambda client: client.create_run(run, frozen_from=run.frozen_from))


def resume_there(server: str, run_id: str) -> Run:
    """Let a run go on on a server, and follow it; return the run as it ended.

    Raises:
        PriorscopeError: the server refuses, or cannot be reached.
    """
    return _follow(server, lambda client: client.resume_run(run_id))


def report(run: Run, id_only: bool) -> int:
    """Print how the run ended, or to stdout its id only; return the exit status."""
    if id_only:
        print(run.id)
    console = Console(stderr=id_only or run.status != "finished", highlight=False)
    console.print(visible(_summary(run)), markup=False, soft_wrap=True)
    return _STATUS.get(run.status, 1)


def _summary(run: Run) -> str:
    done = f"{run.progress.epoch} of {run.progress.epochs} epochs"
    if run.versions.device:
        done += f" on {run.versions.device}"
    measured = ""
    if run.metrics is not None:
        elbo = run.metrics.test.elbo.value
        measured = f"Test −ELBO {-elbo:.2f} nats, best epoch {run.best_epoch}. "
    match run.status:
        case "finished":
            return f"“{run.name}” finished after {done}. {measured}Run {run.id}."
        case "cancelled" if run.checkpoint:
            kept = f"Stopped after {done}; what was trained is kept. {measured}"
            return f"{kept}Go on with: priorscope resume {run.id}"
        case "cancelled":
            return f"Stopped before the first epoch had ended; there is nothing to keep. {run.id}."
        case _:
            further = f" Go on with: priorscope resume {run.id}" if run.resumable else ""
            error = run.error or ""
            return f"“{run.name}” {run.status} after {done}. {error} Run {run.id}.{further}"


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[RunStore]:
    torch.set_num_threads(1)
    store = RunStore(settings)
    try:
        yield store
    finally:
        store.close()


def _train(store: RunStore, run: Run) -> Run:
    """Train a queued run in this process, with a progress bar; return it as it ended."""
    stop = StopSignal()

    def cancel() -> None:
        stop.here = "cancelled"

    with _progress(run) as advance, _on_interrupt(cancel):
        train_run(store, run.id, stop, watch=advance)
    return store.get(run.id)


def _follow(server: str, begin: Callable[[PriorscopeClient], Run]) -> Run:
    """Begin a run on a server, follow it with a progress bar, and return it as it ended."""
    with connect(server) as client:
        run = begin(client)
        with _progress(run) as advance, _on_interrupt(lambda: _cancel(server, run.id)):
            for event in client.events(run.id):
                if event.kind == "epoch":
                    advance(Epoch.model_validate(event.data))
        return client.run(run.id)


@contextlib.contextmanager
def _progress(run: Run) -> Iterator[Callable[[Epoch], None]]:
    """Show a progress bar; yields the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("validation −ELBO {task.fields[elbo]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(escape(visible(run.name)), total=run.progress.epochs, elbo="–")

        def advance(epoch: Epoch) -> None:
            elbo = f"{-epoch.validation.elbo:.2f}"
            progress.update(task, completed=epoch.epoch, elbo=elbo)

        yield advance


@contextlib.contextmanager
def _on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C call ``stop`` and the training go on to its orderly end.

    The second one interrupts as usual. So do requests to terminate.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(_signal: int, _frame: object) -> None:
        restore()
        stop()

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()


def _cancel(server: str, run_id: str) -> None:
    """Cancel in a thread: the connection that is in use is interrupted in the middle of a read."""

    def ask() -> None:
        with (
            contextlib.suppress(PriorscopeError),
            connect(server) as client,
        ):
            client.cancel_run(run_id)

    threading.Thread(target=ask, daemon=True).start()
